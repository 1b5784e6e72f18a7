package dev.tatara.runtime.v2;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Reply;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes answers of the Open Inference Protocol V2 in JSON. */
public final class V2Writer {
    private static final CharSequence OCTETS = AsciiString.cached("application/octet-stream");

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

    /** An inference response whose outputs are written as the client wishes. */
    void answer(InferenceRequest request, InferenceAnswer answer, V2Wishes wishes, Reply reply) {
        JsonBytes out = reply.body();
        int[] outputs = request.outputs();
        OnnxValue[] binary = new OnnxValue[outputs.length];
        boolean anyBinary = false;
        out.raw(head);
        if (request.id() != null) {
            out.raw(",\"id\":").string(request.id());
        }
        out.raw(",\"outputs\":[");
        for (int i = 0; i < outputs.length; i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.raw(outputHeads[outputs[i]]);
            OnnxValue value = answer.output(i);
            if (wishes.classes(i) > 0) {
                value = TopClasses.of(value, wishes.classes(i), model.facts().classes());
            }
            if (wishes.isBinary(i)) {
                anyBinary = true;
                binary[i] = value;
                description(value, out);
                out.raw(",\"parameters\":{\"binary_data_size\":")
                        .number(BinaryElements.size(value))
                        .raw("}}");
            } else {
                output(value, out);
                out.raw('}');
            }
        }
        out.raw("]}");
        if (anyBinary) {
            reply.setBinary(OCTETS, out.size());
            for (OnnxValue value : binary) {
                if (value != null) {
                    BinaryElements.write(value, out);
                }
            }
        }
    }

    private static void output(OnnxValue value, JsonBytes out) {
        description(value, out);
        out.raw(",\"data\":[");
        switch (value) {
            case OnnxValue.Numbers numbers -> Elements.write(numbers, 0, numbers.size(), out);
            case OnnxValue.Strings strings -> strings(strings.elements(), out);
            case OnnxValue.Sequence sequence -> strings(BinaryElements.texts(sequence), out);
            case OnnxValue.Mapping mapping -> strings(BinaryElements.texts(mapping), out);
        }
        out.raw(']');
    }

    private static void description(OnnxValue value, JsonBytes out) {
        switch (value) {
            case OnnxValue.Numbers numbers -> description(numbers.datatype(), numbers.shape(), out);
            case OnnxValue.Strings strings -> description(Datatype.BYTES, strings.shape(), out);
            // The protocol has tensors only.
            case OnnxValue.Sequence sequence ->
                description(Datatype.BYTES, new long[] {sequence.elements().size()}, out);
            case OnnxValue.Mapping mapping -> description(Datatype.BYTES, new long[] {1}, out);
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
        out.raw(']');
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
        return ("{\"name\":\"tatara\",\"version\":\"" + version
                        + "\",\"extensions\":[\"binary_tensor_data\",\"classification\",\"statistics\",\"model_repository\"]}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
