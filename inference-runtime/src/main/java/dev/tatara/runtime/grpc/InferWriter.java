package dev.tatara.runtime.grpc;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.model.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a {@code ModelInferResponse} into an array of just its size. Belongs to one model; for any thread. */
final class InferWriter {
    private static final int ID = 3;
    private static final int OUTPUTS = 5;
    private static final int RAW_OUTPUTS = 6;

    private static final int NAME = 1;
    private static final int DATATYPE = 2;
    private static final int SHAPE = 3;
    private static final int CONTENTS = 5;

    private final byte[] head;
    private final byte[][] outputHeads;
    private final boolean[] onlyRaw;

    InferWriter(ServedModel model) {
        byte[] name = ProtoWriter.field(1, model.name());
        byte[] version = ProtoWriter.field(2, model.version());
        head = new byte[name.length + version.length];
        new ProtoWriter(head, 0).raw(name).raw(version);
        List<ValueInfo> outputs = model.outputs();
        outputHeads = new byte[outputs.size()][];
        onlyRaw = new boolean[outputs.size()];
        for (int i = 0; i < outputHeads.length; i++) {
            Datatype datatype = outputs.get(i).datatype();
            onlyRaw[i] = datatype == Datatype.FP16 || datatype == Datatype.BF16;
            byte[] outputName = ProtoWriter.field(NAME, outputs.get(i).name());
            // Sequences and maps are answered as texts.
            byte[] type = ProtoWriter.field(DATATYPE, (datatype.isTensor() ? datatype : Datatype.BYTES).name());
            outputHeads[i] = new byte[outputName.length + type.length];
            new ProtoWriter(outputHeads[i], 0).raw(outputName).raw(type);
        }
    }

    /**
     * Writes an answer.
     *
     * @param before bytes to leave free before the message, for what frames it
     * @param raw whether the client sent raw contents, and so reads them; the protocol has nothing else for 16-bit floats
     */
    byte[] write(InferenceRequest request, InferenceAnswer answer, boolean raw, int before) {
        int[] outputs = request.outputs();
        boolean asRaw = raw;
        for (int output : outputs) {
            asRaw |= onlyRaw[output];
        }
        byte[] id = request.id() == null ? null : request.id().getBytes(StandardCharsets.UTF_8);
        int size = head.length + (id == null ? 0 : ProtoWriter.delimitedSize(id.length));
        OutputTensor[] tensors = new OutputTensor[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            OutputTensor tensor = OutputTensor.of(answer.output(i), asRaw);
            tensors[i] = tensor;
            tensor.messageSize = messageSize(tensor, outputs[i], asRaw);
            size = Math.addExact(size, ProtoWriter.delimitedSize(tensor.messageSize));
            size = Math.addExact(size, asRaw ? ProtoWriter.delimitedSize(tensor.size) : 0);
        }
        byte[] message = new byte[Math.addExact(before, size)];
        ProtoWriter out = new ProtoWriter(message, before).raw(head);
        if (id != null) {
            out.delimited(ID, id.length).raw(id);
        }
        for (int i = 0; i < outputs.length; i++) {
            OutputTensor tensor = tensors[i];
            out.delimited(OUTPUTS, tensor.messageSize).raw(outputHeads[outputs[i]]);
            shape(tensor.shape, out);
            if (!asRaw) {
                out.delimited(CONTENTS, tensor.size);
                tensor.write(out);
            }
        }
        if (asRaw) {
            for (OutputTensor tensor : tensors) {
                out.delimited(RAW_OUTPUTS, tensor.size);
                tensor.write(out);
            }
        }
        return message;
    }

    private int messageSize(OutputTensor tensor, int output, boolean asRaw) {
        int size = outputHeads[output].length;
        if (tensor.shape.length > 0) {
            size += ProtoWriter.delimitedSize(packedSize(tensor.shape));
        }
        return Math.addExact(size, asRaw ? 0 : ProtoWriter.delimitedSize(tensor.size));
    }

    private static int packedSize(long[] shape) {
        int size = 0;
        for (long dimension : shape) {
            size += ProtoWriter.varintSize(dimension);
        }
        return size;
    }

    private static void shape(long[] shape, ProtoWriter out) {
        if (shape.length > 0) {
            out.delimited(SHAPE, packedSize(shape));
            for (long dimension : shape) {
                out.varint(dimension);
            }
        }
    }
}
