package dev.tatara.runtime.v2;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes tensors as bytes, as the binary tensor data extension and gRPC's raw contents have them: numbers in row-major
 * order, least significant byte first; each string after its length in four bytes.
 */
public final class BinaryElements {
    private static final int LENGTH_BYTES = 4;

    private BinaryElements() {}

    /** How many bytes {@link #write} writes. */
    public static long size(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Numbers numbers -> numbers.data().byteSize();
            case OnnxValue.Strings strings -> size(strings.elements());
            case OnnxValue.Sequence sequence -> size(texts(sequence));
            case OnnxValue.Mapping mapping -> size(texts(mapping));
        };
    }

    /** Writes all elements. */
    public static void write(OnnxValue value, JsonBytes out) {
        switch (value) {
            case OnnxValue.Numbers numbers -> out.raw(numbers.data());
            case OnnxValue.Strings strings -> write(strings.elements(), out);
            case OnnxValue.Sequence sequence -> write(texts(sequence), out);
            case OnnxValue.Mapping mapping -> write(texts(mapping), out);
        }
    }

    static long size(List<byte[]> elements) {
        long size = (long) LENGTH_BYTES * elements.size();
        for (byte[] element : elements) {
            size += element.length;
        }
        return size;
    }

    static void write(List<byte[]> elements, JsonBytes out) {
        for (byte[] element : elements) {
            int size = element.length;
            out.raw((char) (size & 0xff))
                    .raw((char) (size >>> 8 & 0xff))
                    .raw((char) (size >>> 16 & 0xff))
                    .raw((char) (size >>> 24));
            out.raw(element);
        }
    }

    /**
     * Sequences and maps, for which the protocol has no tensor: one JSON text per element says it all, and any client
     * can read it.
     */
    static List<byte[]> texts(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Sequence sequence -> {
                List<byte[]> texts = new ArrayList<>();
                for (OnnxValue element : sequence.elements()) {
                    texts.add(text(element));
                }
                yield texts;
            }
            case OnnxValue.Mapping mapping -> List.of(text(mapping));
            case OnnxValue.Strings strings -> strings.elements();
            case OnnxValue.Numbers numbers -> List.of(text(numbers));
        };
    }

    private static byte[] text(OnnxValue value) {
        JsonBytes text = new JsonBytes();
        ValueWriter.write(value, text);
        return text.toByteArray();
    }
}
