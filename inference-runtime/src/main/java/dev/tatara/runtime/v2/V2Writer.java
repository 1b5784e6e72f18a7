package dev.tatara.runtime.v2;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import dev.tatara.runtime.model.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes answers of the Open Inference Protocol V2 in JSON. */
public final class V2Writer {
    private final ServedModel model;
    private final byte[] head;
    private final byte[][] outputHeads;

    public V2Writer(ServedModel model) {
        this.model = model;
        JsonBytes out = new JsonBytes();
        head = out.raw("{\"model_name\":")
                .string(model.name())
                .raw(",\"model_version\":")
                .string(model.version())
                .toByteArray();
        outputHeads = new byte[model.outputs().size()][];
        for (int i = 0; i < outputHeads.length; i++) {
            out.reset();
            outputHeads[i] =
                    out.raw("{\"name\":").string(model.outputs().get(i).name()).toByteArray();
        }
    }

    /** An inference response. */
    public void answer(InferenceRequest request, InferenceAnswer answer, JsonBytes out) {
        out.raw(head);
        if (request.id() != null) {
            out.raw(",\"id\":").string(request.id());
        }
        out.raw(",\"outputs\":[");
        int[] outputs = request.outputs();
        for (int i = 0; i < outputs.length; i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.raw(outputHeads[outputs[i]]);
            output(answer.output(i), out);
            out.raw('}');
        }
        out.raw("]}");
    }

    private static void output(OnnxValue value, JsonBytes out) {
        switch (value) {
            case OnnxValue.Numbers numbers -> {
                description(numbers.datatype(), numbers.shape(), out);
                Elements.write(numbers, 0, numbers.size(), out);
                out.raw(']');
            }
            case OnnxValue.Strings strings -> {
                description(Datatype.BYTES, strings.shape(), out);
                strings(strings.elements(), out);
                out.raw(']');
            }
            // The protocol has tensors only: one JSON text per element says it all and any client can read it.
            case OnnxValue.Sequence sequence -> {
                description(Datatype.BYTES, new long[] {sequence.elements().size()}, out);
                for (int i = 0; i < sequence.elements().size(); i++) {
                    if (i > 0) {
                        out.raw(',');
                    }
                    JsonBytes element = new JsonBytes();
                    ValueWriter.write(sequence.elements().get(i), element);
                    out.string(element.toByteArray());
                }
                out.raw(']');
            }
            case OnnxValue.Mapping mapping -> {
                description(Datatype.BYTES, new long[] {1}, out);
                JsonBytes element = new JsonBytes();
                ValueWriter.write(mapping, element);
                out.string(element.toByteArray()).raw(']');
            }
        }
    }

    private static void description(Datatype datatype, long[] shape, JsonBytes out) {
        out.raw(",\"datatype\":\"").raw(datatype.name()).raw("\",\"shape\":[");
        for (int i = 0; i < shape.length; i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.number(shape[i]);
        }
        out.raw("],\"data\":[");
    }

    private static void strings(List<byte[]> elements, JsonBytes out) {
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.string(elements.get(i));
        }
    }

    /** The answer to {@code GET v2/models/<name>}. */
    public byte[] metadata() {
        JsonBytes out = new JsonBytes();
        out.raw("{\"name\":").string(model.name()).raw(",\"versions\":[").string(model.version());
        out.raw("],\"platform\":\"onnxruntime_onnx\",\"inputs\":");
        tensors(model.inputs(), out);
        out.raw(",\"outputs\":");
        tensors(model.outputs(), out);
        return out.raw('}').toByteArray();
    }

    private static void tensors(List<ValueInfo> values, JsonBytes out) {
        out.raw('[');
        for (int i = 0; i < values.size(); i++) {
            ValueInfo value = values.get(i);
            // Sequences and maps are answered as texts, see output().
            Datatype datatype = value.datatype().isTensor() ? value.datatype() : Datatype.BYTES;
            out.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(value.name());
            out.raw(",\"datatype\":\"").raw(datatype.name()).raw("\",\"shape\":");
            out.raw((value.datatype().isTensor() ? value.shape() : List.of(-1L))
                    .toString()
                    .replace(" ", ""));
            out.raw('}');
        }
        out.raw(']');
    }

    /** The answer to {@code GET v2}. */
    public static byte[] server(String version) {
        return ("{\"name\":\"tatara\",\"version\":\"" + version + "\",\"extensions\":[]}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
