package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.serving.Protocol;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A request and its answer, copied out of native memory as they lay there; to be written as text later, elsewhere.
 *
 * @param tensors empty if they were too large
 * @param bytes memory that it takes, roughly
 */
record PayloadRecord(
        Instant time,
        String requestId,
        String traceId,
        Protocol protocol,
        long rows,
        long queueNanos,
        long inferenceNanos,
        List<Captured> tensors,
        boolean truncated,
        long bytes) {
    private static final int OWN_BYTES = 200;
    private static final int BYTES_OF_A_TEXT = 24;

    /**
     * An input or output.
     *
     * @param output whether it is one of the model's outputs
     * @param position among the model's inputs or outputs
     * @param value on the heap
     */
    record Captured(boolean output, int position, OnnxValue value) {}

    /**
     * Copies.
     *
     * @param mostBytes of more only the frame is kept
     */
    static PayloadRecord of(
            Instant time, Protocol protocol, InferenceRequest request, InferenceAnswer answer, long mostBytes) {
        List<Captured> tensors = new ArrayList<>();
        long left = mostBytes;
        for (int i = 0; i < request.inputCount() && left >= 0; i++) {
            InputTensor input = request.input(i);
            long size = input.data().byteSize() + size(input.texts());
            left -= size;
            if (left >= 0) {
                tensors.add(new Captured(false, i, copy(input)));
            }
        }
        int[] asked = request.outputs();
        for (int i = 0; i < asked.length && left >= 0; i++) {
            OnnxValue value = answer.output(i);
            left -= size(value);
            if (left >= 0) {
                tensors.add(new Captured(true, asked[i], copy(value)));
            }
        }
        boolean truncated = left < 0;
        return new PayloadRecord(
                time,
                request.requestId(),
                request.trace() == null ? null : request.trace().traceId(),
                protocol,
                request.rows(),
                answer.queueNanos(),
                answer.inferenceNanos(),
                truncated ? List.of() : List.copyOf(tensors),
                truncated,
                OWN_BYTES + (truncated ? 0 : mostBytes - left));
    }

    private static OnnxValue copy(InputTensor input) {
        long[] shape = new long[input.rank()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = input.dimension(i);
        }
        return input.info().datatype() == Datatype.BYTES
                ? new Strings(shape, List.copyOf(input.texts()))
                : new Numbers(input.info().datatype(), shape, copy(input.data()));
    }

    private static OnnxValue copy(OnnxValue value) {
        return switch (value) {
            case Numbers numbers ->
                new Numbers(numbers.datatype(), numbers.shape().clone(), copy(numbers.data()));
            case Strings strings -> new Strings(strings.shape().clone(), List.copyOf(strings.elements()));
            case Sequence sequence ->
                new Sequence(
                        sequence.elements().stream().map(PayloadRecord::copy).toList());
            case Mapping mapping -> new Mapping(copy(mapping.keys()), copy(mapping.values()));
        };
    }

    private static MemorySegment copy(MemorySegment data) {
        return MemorySegment.ofArray(data.toArray(ValueLayout.JAVA_BYTE));
    }

    private static long size(List<byte[]> texts) {
        long size = 0;
        for (byte[] text : texts) {
            size += text.length + BYTES_OF_A_TEXT;
        }
        return size;
    }

    private static long size(OnnxValue value) {
        return switch (value) {
            case Numbers numbers -> numbers.data().byteSize();
            case Strings strings -> size(strings.elements());
            case Sequence sequence ->
                sequence.elements().stream().mapToLong(PayloadRecord::size).sum();
            case Mapping mapping -> size(mapping.keys()) + size(mapping.values());
        };
    }
}
