package dev.tatara.runtime.json;

import dev.tatara.onnx.OnnxValue;

/** Writes whatever a model answered as plain JSON: tensors as flat arrays, maps as objects. */
public final class ValueWriter {
    private ValueWriter() {}

    public static void write(OnnxValue value, JsonBytes out) {
        switch (value) {
            case OnnxValue.Numbers numbers -> {
                out.raw('[');
                Elements.write(numbers, 0, numbers.size(), out);
                out.raw(']');
            }
            case OnnxValue.Strings strings -> {
                out.raw('[');
                for (int i = 0; i < strings.elements().size(); i++) {
                    if (i > 0) {
                        out.raw(',');
                    }
                    out.string(strings.elements().get(i));
                }
                out.raw(']');
            }
            case OnnxValue.Sequence sequence -> {
                out.raw('[');
                for (int i = 0; i < sequence.elements().size(); i++) {
                    if (i > 0) {
                        out.raw(',');
                    }
                    write(sequence.elements().get(i), out);
                }
                out.raw(']');
            }
            case OnnxValue.Mapping mapping -> {
                out.raw('{');
                for (int i = 0; i < size(mapping.keys()); i++) {
                    if (i > 0) {
                        out.raw(',');
                    }
                    key(mapping.keys(), i, out);
                    out.raw(':');
                    element(mapping.values(), i, out);
                }
                out.raw('}');
            }
        }
    }

    private static int size(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Numbers numbers -> (int) numbers.size();
            case OnnxValue.Strings strings -> strings.elements().size();
            case OnnxValue.Sequence sequence -> sequence.elements().size();
            case OnnxValue.Mapping mapping -> 1;
        };
    }

    /** A key of a JSON object is always a string. */
    private static void key(OnnxValue keys, int index, JsonBytes out) {
        switch (keys) {
            case OnnxValue.Numbers numbers -> {
                out.raw('"');
                Elements.write(numbers, index, out);
                out.raw('"');
            }
            case OnnxValue.Strings strings -> out.string(strings.elements().get(index));
            case OnnxValue.Sequence sequence -> out.string("");
            case OnnxValue.Mapping mapping -> out.string("");
        }
    }

    /** One element of a tensor or sequence; null where the model answered fewer. */
    public static void element(OnnxValue values, int index, JsonBytes out) {
        if (index >= size(values)) {
            out.raw("null");
            return;
        }
        switch (values) {
            case OnnxValue.Numbers numbers -> Elements.write(numbers, index, out);
            case OnnxValue.Strings strings -> out.string(strings.elements().get(index));
            case OnnxValue.Sequence sequence -> write(sequence.elements().get(index), out);
            case OnnxValue.Mapping mapping -> write(mapping, out);
        }
    }

    /** Elements from one position up to another, as a list. */
    public static void elements(OnnxValue values, long from, long to, JsonBytes out) {
        out.raw('[');
        for (long i = from; i < to; i++) {
            if (i > from) {
                out.raw(',');
            }
            element(values, (int) i, out);
        }
        out.raw(']');
    }
}
