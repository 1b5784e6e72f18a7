package dev.tatara.runtime.grpc;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import java.util.ArrayList;
import java.util.List;

/** One output on its way into a message: raw contents, or an {@code InferTensorContents}. */
final class OutputTensor {
    final long[] shape;

    /** Bytes that {@link #write} writes. */
    final int size;

    /** Name and datatype, as they stand in the message. */
    byte[] head;

    /** Bytes of the {@code InferOutputTensor} that it is part of. */
    int messageSize;

    private final OnnxValue.Numbers numbers;
    private final List<byte[]> strings;
    private final boolean raw;
    private final int packedSize;

    private OutputTensor(long[] shape, OnnxValue.Numbers numbers, List<byte[]> strings, boolean raw) {
        this.shape = shape;
        this.numbers = numbers;
        this.strings = strings;
        this.raw = raw;
        packedSize = numbers == null || raw ? 0 : packedSize(numbers);
        size = numbers == null
                ? stringsSize()
                : raw ? Math.toIntExact(numbers.data().byteSize()) : contentsSize();
    }

    static OutputTensor of(OnnxValue value, boolean raw) {
        return switch (value) {
            case OnnxValue.Numbers numbers -> new OutputTensor(numbers.shape(), numbers, List.of(), raw);
            case OnnxValue.Strings strings -> new OutputTensor(strings.shape(), null, strings.elements(), raw);
            // As over REST: the protocol has tensors only, and any client can read JSON.
            case OnnxValue.Sequence sequence -> {
                List<byte[]> texts = new ArrayList<>(sequence.elements().size());
                sequence.elements().forEach(element -> texts.add(json(element)));
                yield new OutputTensor(new long[] {texts.size()}, null, texts, raw);
            }
            case OnnxValue.Mapping mapping -> new OutputTensor(new long[] {1}, null, List.of(json(mapping)), raw);
        };
    }

    private static byte[] json(OnnxValue value) {
        JsonBytes text = new JsonBytes();
        ValueWriter.write(value, text);
        return text.toByteArray();
    }

    private int stringsSize() {
        int all = 0;
        for (byte[] string : strings) {
            all = Math.addExact(all, raw ? Math.addExact(4, string.length) : ProtoWriter.delimitedSize(string.length));
        }
        return all;
    }

    private int contentsSize() {
        return packedSize == 0 ? 0 : ProtoWriter.delimitedSize(packedSize);
    }

    private static int packedSize(OnnxValue.Numbers numbers) {
        return switch (numbers.datatype()) {
            case FP32, FP64 -> Math.toIntExact(numbers.data().byteSize());
            case BOOL, UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64 -> {
                int size = 0;
                for (long i = 0; i < numbers.size(); i++) {
                    size = Math.addExact(size, ProtoWriter.varintSize(Elements.asLong(numbers, i)));
                }
                yield size;
            }
            case FP16, BF16, BYTES, SEQUENCE, MAP, OTHER ->
                throw new IllegalArgumentException(numbers.datatype() + " has no typed contents");
        };
    }

    void write(ProtoWriter out) {
        if (numbers == null) {
            for (byte[] string : strings) {
                if (raw) {
                    out.int32(string.length).raw(string);
                } else {
                    out.delimited(ContentsReader.BYTES, string.length).raw(string);
                }
            }
        } else if (raw) {
            out.raw(numbers.data());
        } else if (packedSize > 0) {
            out.delimited(ContentsReader.field(numbers.datatype()), packedSize);
            if (numbers.datatype() == Datatype.FP32 || numbers.datatype() == Datatype.FP64) {
                out.raw(numbers.data());
            } else {
                for (long i = 0; i < numbers.size(); i++) {
                    out.varint(Elements.asLong(numbers, i));
                }
            }
        }
    }
}
