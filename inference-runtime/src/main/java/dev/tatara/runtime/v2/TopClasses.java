package dev.tatara.runtime.v2;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.Elements;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The classification extension: instead of a tensor whose last dimension is classes, the largest of its values in each
 * row, as the strings {@code value:position} or {@code value:position:name}.
 */
public final class TopClasses {
    /** The most that a client may ask for. */
    public static final int MOST = 10_000;

    private TopClasses() {}

    /**
     * The largest values of each row.
     *
     * @param most how many are wanted; a row that has fewer gives all
     * @param names of the classes in order; none or too few leave the names out
     * @return the value itself where it isn't a tensor of numbers
     */
    public static OnnxValue of(OnnxValue value, int most, List<String> names) {
        if (!(value instanceof OnnxValue.Numbers numbers)) {
            return value;
        }
        long[] shape =
                numbers.shape().length == 0 ? new long[] {1} : numbers.shape().clone();
        int classes = (int) shape[shape.length - 1];
        int wanted = Math.min(most, classes);
        shape[shape.length - 1] = wanted;
        List<byte[]> elements = new ArrayList<>();
        for (long from = 0; from < numbers.size(); from += classes) {
            long row = from;
            IntStream.range(0, classes)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -Elements.asDouble(numbers, row + i))
                            .thenComparingInt(i -> i))
                    .limit(wanted)
                    .forEach(i -> elements.add(text(numbers, row, i, names)));
        }
        return new OnnxValue.Strings(shape, elements);
    }

    private static byte[] text(OnnxValue.Numbers numbers, long row, int position, List<String> names) {
        String text = String.format(Locale.ROOT, "%f:%d", Elements.asDouble(numbers, row + position), position);
        return (position < names.size() ? text + ":" + names.get(position) : text).getBytes(StandardCharsets.UTF_8);
    }
}
