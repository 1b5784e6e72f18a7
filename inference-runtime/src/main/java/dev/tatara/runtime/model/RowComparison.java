package dev.tatara.runtime.model;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.Elements;
import java.util.Arrays;
import java.util.List;

/** Compares a row of an answer to several rows with the answer to that row alone. */
final class RowComparison {
    /** Kernels add in another order for more rows; a model that mixes rows differs by far more. */
    private static final double RELATIVE = 1e-3;

    private static final double ABSOLUTE = 1e-5;
    private static final double HALF_RELATIVE = 2e-2;
    private static final double HALF_ABSOLUTE = 1e-2;
    private static final String DEPENDS = "answers a row otherwise when other rows are run with it";
    private static final String OTHER_KIND = "is of another kind when rows are run together";

    private RowComparison() {}

    /**
     * What differs, for people.
     *
     * @return null if nothing does
     */
    static String difference(OnnxValue whole, int row, int rows, OnnxValue alone) {
        return switch (whole) {
            case OnnxValue.Numbers numbers
            when alone instanceof OnnxValue.Numbers one -> {
                String shapes = difference(numbers.shape(), rows, one.shape());
                yield shapes != null ? shapes : difference(numbers, row * one.size(), one);
            }
            case OnnxValue.Strings strings
            when alone instanceof OnnxValue.Strings one -> {
                String shapes = difference(strings.shape(), rows, one.shape());
                int from = row * one.elements().size();
                yield shapes != null ? shapes : difference(strings.elements(), from, one.elements());
            }
            case OnnxValue.Sequence sequence
            when alone instanceof OnnxValue.Sequence one -> {
                if (sequence.elements().size() != rows || one.elements().size() != 1) {
                    yield "is a sequence of " + sequence.elements().size() + " elements for " + rows + " rows";
                }
                yield same(sequence.elements().get(row), one.elements().getFirst()) ? null : DEPENDS;
            }
            case OnnxValue.Numbers numbers -> OTHER_KIND;
            case OnnxValue.Strings strings -> OTHER_KIND;
            case OnnxValue.Sequence sequence -> OTHER_KIND;
            case OnnxValue.Mapping mapping -> "is a map, which has no rows";
        };
    }

    private static String difference(long[] whole, int rows, long[] alone) {
        boolean perRow = whole.length > 0
                && whole.length == alone.length
                && whole[0] == rows
                && alone[0] == 1
                && Arrays.equals(whole, 1, whole.length, alone, 1, alone.length);
        return perRow
                ? null
                : "has the shape " + Arrays.toString(whole) + " for " + rows + " rows and " + Arrays.toString(alone)
                        + " for one: its first dimension doesn't count rows";
    }

    private static String difference(OnnxValue.Numbers whole, long from, OnnxValue.Numbers alone) {
        for (long i = 0; i < alone.size(); i++) {
            if (!same(whole, from + i, alone, i)) {
                return DEPENDS;
            }
        }
        return null;
    }

    private static String difference(List<byte[]> whole, int from, List<byte[]> alone) {
        for (int i = 0; i < alone.size(); i++) {
            if (!Arrays.equals(whole.get(from + i), alone.get(i))) {
                return DEPENDS;
            }
        }
        return null;
    }

    private static boolean same(OnnxValue one, OnnxValue other) {
        return switch (one) {
            case OnnxValue.Numbers numbers ->
                other instanceof OnnxValue.Numbers others
                        && Arrays.equals(numbers.shape(), others.shape())
                        && difference(numbers, 0, others) == null;
            case OnnxValue.Strings strings ->
                other instanceof OnnxValue.Strings others
                        && Arrays.equals(strings.shape(), others.shape())
                        && difference(strings.elements(), 0, others.elements()) == null;
            case OnnxValue.Sequence sequence -> {
                if (!(other instanceof OnnxValue.Sequence others)
                        || others.elements().size() != sequence.elements().size()) {
                    yield false;
                }
                boolean same = true;
                for (int i = 0; i < sequence.elements().size(); i++) {
                    same &= same(sequence.elements().get(i), others.elements().get(i));
                }
                yield same;
            }
            case OnnxValue.Mapping(OnnxValue keys, OnnxValue values) ->
                other instanceof OnnxValue.Mapping(OnnxValue otherKeys, OnnxValue otherValues)
                        && same(keys, otherKeys)
                        && same(values, otherValues);
        };
    }

    private static boolean same(OnnxValue.Numbers one, long i, OnnxValue.Numbers other, long j) {
        Datatype datatype = one.datatype();
        return switch (datatype) {
            case FP32, FP64 -> near(Elements.asDouble(one, i), Elements.asDouble(other, j), ABSOLUTE, RELATIVE);
            case FP16, BF16 ->
                near(Elements.asDouble(one, i), Elements.asDouble(other, j), HALF_ABSOLUTE, HALF_RELATIVE);
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL ->
                Elements.asLong(one, i) == Elements.asLong(other, j);
            case BYTES, SEQUENCE, MAP, OTHER -> false;
        };
    }

    private static boolean near(double one, double other, double absolute, double relative) {
        return Double.compare(one, other) == 0
                || Math.abs(one - other) <= absolute + relative * Math.max(Math.abs(one), Math.abs(other));
    }
}
