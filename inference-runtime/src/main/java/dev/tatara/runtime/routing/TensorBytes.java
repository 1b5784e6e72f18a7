package dev.tatara.runtime.routing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Compares tensors as the protocol lays them out in bytes, little endian. */
public final class TensorBytes {
    private TensorBytes() {}

    /**
     * The first difference.
     *
     * @param datatype as the protocol calls it
     * @return null if there is none
     */
    public static String difference(String datatype, byte[] one, byte[] other, double tolerance) {
        if (one.length != other.length) {
            return one.length + " bytes against " + other.length;
        }
        int size =
                switch (datatype) {
                    case "FP16", "BF16" -> Short.BYTES;
                    case "FP32" -> Float.BYTES;
                    case "FP64" -> Double.BYTES;
                    default -> 0;
                };
        if (size == 0) {
            int at = Arrays.mismatch(one, other);
            return at < 0 ? null : "another byte " + at;
        }
        ByteBuffer first = ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer second = ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + size <= one.length; at += size) {
            double a = value(datatype, first, at);
            double b = value(datatype, second, at);
            if (!AnswerComparison.isClose(a, b, tolerance)) {
                return "element " + at / size + ": " + a + " against " + b;
            }
        }
        return null;
    }

    private static double value(String datatype, ByteBuffer bytes, int at) {
        return switch (datatype) {
            case "FP16" -> Float.float16ToFloat(bytes.getShort(at));
            case "BF16" -> Float.intBitsToFloat(bytes.getShort(at) << Short.SIZE);
            case "FP32" -> bytes.getFloat(at);
            default -> bytes.getDouble(at);
        };
    }
}
