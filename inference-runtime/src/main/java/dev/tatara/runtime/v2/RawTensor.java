package dev.tatara.runtime.v2;

import dev.tatara.onnx.Datatype;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import java.util.Arrays;

/**
 * Tensors as the protocol's binary extension and gRPC's raw contents carry them: elements in row-major order, least
 * significant byte first, one byte per boolean; strings each after its length in four bytes.
 */
public final class RawTensor {
    private static final byte[] EMPTY = {};
    private static final int LENGTH_BYTES = 4;

    private RawTensor() {}

    /**
     * Reads all elements of an input and sets its shape.
     *
     * @param shape the first {@code rank} entries are what the client says
     * @param where what the bytes are, as the client calls it
     */
    public static void read(
            InputTensor tensor, long[] shape, int rank, byte[] bytes, int offset, int length, String where)
            throws RequestException {
        RequestRules.requireShape(tensor, shape, rank);
        if (tensor.info().datatype() == Datatype.BYTES) {
            readStrings(tensor, bytes, offset, length, where);
            RequestRules.setShape(tensor, shape, rank, where);
            return;
        }
        int size = tensor.info().datatype().byteSize();
        if (size == 0) {
            throw RequestException.bad(
                    input(tensor) + " is a " + tensor.info().datatype() + ", which this protocol cannot carry");
        }
        long wanted = Shapes.elements(shape, rank);
        if (wanted < 0 || wanted * size != length) {
            throw RequestException.bad(input(tensor) + ": shape " + Shapes.text(shape, rank) + " needs "
                    + (wanted < 0
                            ? "more than memory holds"
                            : wanted * size + " bytes of " + tensor.info().datatype())
                    + ", \"" + where + "\" has " + length);
        }
        if (tensor.info().datatype() == Datatype.BOOL) {
            requireBooleans(tensor, bytes, offset, length, where);
        }
        tensor.addAll(bytes, offset, length);
        tensor.setShape(shape, rank);
    }

    private static void requireBooleans(InputTensor tensor, byte[] bytes, int offset, int length, String where)
            throws RequestException {
        for (int i = 0; i < length; i++) {
            if ((bytes[offset + i] & ~1) != 0) {
                throw RequestException.bad(input(tensor) + ": element " + i + " in \"" + where
                        + "\" must be the byte 0 or 1 (BOOL), got " + Byte.toUnsignedInt(bytes[offset + i]));
            }
        }
    }

    private static void readStrings(InputTensor tensor, byte[] bytes, int offset, int length, String where)
            throws RequestException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (end - at < LENGTH_BYTES) {
                throw RequestException.bad(input(tensor) + ": \"" + where + "\" ends within the length of element "
                        + tensor.count() + ": each string comes after its length in 4 bytes");
            }
            long size = Byte.toUnsignedLong(bytes[at])
                    | Byte.toUnsignedLong(bytes[at + 1]) << 8
                    | Byte.toUnsignedLong(bytes[at + 2]) << 16
                    | Byte.toUnsignedLong(bytes[at + 3]) << 24;
            at += LENGTH_BYTES;
            if (size > end - at) {
                throw RequestException.bad(input(tensor) + ": element " + tensor.count() + " in \"" + where
                        + "\" should have " + size + " bytes, " + (end - at) + " are left");
            }
            tensor.addString(size == 0 ? EMPTY : Arrays.copyOfRange(bytes, at, at + (int) size));
            at += (int) size;
        }
    }

    private static String input(InputTensor tensor) {
        return "input \"" + tensor.info().name() + "\"";
    }
}
