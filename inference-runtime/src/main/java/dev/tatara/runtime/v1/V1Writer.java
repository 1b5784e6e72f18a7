package dev.tatara.runtime.v1;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import dev.tatara.runtime.model.ServedModel;

/**
 * Writes {@code {"predictions": [one per instance]}}: a classifier's class, or its probabilities in class order where
 * these are wanted; another model's only output; of several outputs an object by name.
 */
public final class V1Writer {
    private final ServedModel model;
    private final int[] outputs;

    /**
     * @param probabilities whether a classifier answers probabilities instead of classes
     */
    public V1Writer(ServedModel model, boolean probabilities) {
        this.model = model;
        OutputRoles roles = model.roles();
        if (probabilities && roles.probabilities() >= 0) {
            outputs = new int[] {roles.probabilities()};
        } else if (roles.label() >= 0) {
            outputs = new int[] {roles.label()};
        } else {
            outputs = new int[model.outputs().size()];
            for (int i = 0; i < outputs.length; i++) {
                outputs[i] = i;
            }
        }
    }

    /** The outputs that the answer is written from. */
    public int[] outputs() {
        return outputs;
    }

    public void answer(InferenceAnswer answer, int rows, JsonBytes out) {
        OnnxValue[] values = new OnnxValue[outputs.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = answer.output(i);
        }
        out.raw("{\"predictions\":[");
        for (int row = 0; row < rows; row++) {
            if (row > 0) {
                out.raw(',');
            }
            if (values.length == 1) {
                row(values[0], row, rows, out);
            } else {
                byName(values, row, rows, out);
            }
        }
        out.raw("]}");
    }

    private void byName(OnnxValue[] values, int row, int rows, JsonBytes out) {
        for (int i = 0; i < values.length; i++) {
            out.raw(i == 0 ? '{' : ',')
                    .string(model.outputs().get(outputs[i]).name())
                    .raw(':');
            row(values[i], row, rows, out);
        }
        out.raw('}');
    }

    private static void row(OnnxValue value, int row, int rows, JsonBytes out) {
        switch (value) {
            case OnnxValue.Numbers numbers -> {
                long perRow = numbers.size() / rows;
                nested(value, numbers.shape(), row * perRow, perRow, rows, out);
            }
            case OnnxValue.Strings strings -> {
                long perRow = strings.elements().size() / rows;
                nested(value, strings.shape(), row * perRow, perRow, rows, out);
            }
            case OnnxValue.Sequence sequence -> {
                if (row >= sequence.elements().size()) {
                    out.raw("null");
                } else if (sequence.elements().get(row)
                        instanceof OnnxValue.Mapping(OnnxValue keys, OnnxValue.Numbers probabilities)) {
                    // A map is in the order of its keys, which is the order of the classes.
                    out.raw('[');
                    Elements.write(probabilities, 0, probabilities.size(), out);
                    out.raw(']');
                } else {
                    ValueWriter.write(sequence.elements().get(row), out);
                }
            }
            case OnnxValue.Mapping mapping -> ValueWriter.write(mapping, out);
        }
    }

    /** One row's elements: one value alone, a list, or lists in lists as the shape says. */
    private static void nested(OnnxValue value, long[] shape, long from, long perRow, int rows, JsonBytes out) {
        boolean counted = shape.length > 0 && shape[0] == rows;
        int first = counted ? 1 : 0;
        // [rows] and [rows, 1] are one value per row, which people expect without brackets.
        if (perRow == 1 && shape.length <= 2) {
            ValueWriter.element(value, (int) from, out);
        } else {
            lists(value, shape, counted || shape.length > 0 ? first : 0, from, perRow, out);
        }
    }

    private static void lists(OnnxValue value, long[] shape, int depth, long from, long count, JsonBytes out) {
        if (depth >= shape.length - 1 || shape[depth] <= 0 || count % shape[depth] != 0) {
            ValueWriter.elements(value, from, from + count, out);
            return;
        }
        out.raw('[');
        long each = count / shape[depth];
        for (long i = 0; i < shape[depth]; i++) {
            if (i > 0) {
                out.raw(',');
            }
            lists(value, shape, depth + 1, from + i * each, each, out);
        }
        out.raw(']');
    }
}
