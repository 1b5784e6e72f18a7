package dev.tatara.runtime.grpc;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.v2.TopClasses;
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
    private final byte[][] classHeads;
    private final boolean[] onlyRaw;
    private final List<String> classNames;

    InferWriter(ServedModel model) {
        byte[] name = ProtoWriter.field(1, model.name());
        byte[] version = ProtoWriter.field(2, model.version());
        head = new byte[name.length + version.length];
        new ProtoWriter(head, 0).raw(name).raw(version);
        List<ValueInfo> outputs = model.outputs();
        outputHeads = new byte[outputs.size()][];
        classHeads = new byte[outputs.size()][];
        classNames = model.facts().classes();
        onlyRaw = new boolean[outputs.size()];
        for (int i = 0; i < outputHeads.length; i++) {
            Datatype datatype = outputs.get(i).datatype();
            onlyRaw[i] = datatype == Datatype.FP16 || datatype == Datatype.BF16;
            // Sequences and maps are answered as texts.
            outputHeads[i] = head(outputs.get(i), datatype.isTensor() ? datatype : Datatype.BYTES);
            classHeads[i] = head(outputs.get(i), Datatype.BYTES);
        }
    }

    private static byte[] head(ValueInfo output, Datatype datatype) {
        byte[] name = ProtoWriter.field(NAME, output.name());
        byte[] type = ProtoWriter.field(DATATYPE, datatype.name());
        byte[] both = new byte[name.length + type.length];
        new ProtoWriter(both, 0).raw(name).raw(type);
        return both;
    }

    /**
     * Writes an answer.
     *
     * @param before bytes to leave free before the message, for what frames it
     * @param asked what the request wants; raw contents where it sent them, and for 16-bit floats, for which the protocol
     *     has nothing else
     */
    byte[] write(InferenceRequest request, InferenceAnswer answer, InferReader.Asked asked, int before) {
        int[] outputs = request.outputs();
        boolean asRaw = asked.raw();
        for (int i = 0; i < outputs.length; i++) {
            asRaw |= onlyRaw[outputs[i]] && asked.classes(i) == 0;
        }
        byte[] id = request.id() == null ? null : request.id().getBytes(StandardCharsets.UTF_8);
        int size = head.length + (id == null ? 0 : ProtoWriter.delimitedSize(id.length));
        OutputTensor[] tensors = new OutputTensor[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            OnnxValue value = answer.output(i);
            int largest = asked.classes(i);
            OutputTensor tensor =
                    OutputTensor.of(largest == 0 ? value : TopClasses.of(value, largest, classNames), asRaw);
            tensors[i] = tensor;
            tensor.head = (largest == 0 ? outputHeads : classHeads)[outputs[i]];
            tensor.messageSize = messageSize(tensor, asRaw);
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
            out.delimited(OUTPUTS, tensor.messageSize).raw(tensor.head);
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

    private static int messageSize(OutputTensor tensor, boolean asRaw) {
        int size = tensor.head.length;
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
