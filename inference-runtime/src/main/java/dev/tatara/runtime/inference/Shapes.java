package dev.tatara.runtime.inference;

import dev.tatara.onnx.ValueInfo;
import java.util.List;

/** Compares shapes with what a model declares. */
public final class Shapes {
    private Shapes() {}

    /** Whether a shape has the declared rank and the declared size wherever that is fixed. */
    public static boolean matches(List<Long> declared, long[] shape, int rank) {
        if (declared.size() != rank) {
            return false;
        }
        for (int i = 0; i < rank; i++) {
            long wanted = declared.get(i);
            if (wanted >= 0 && wanted != shape[i]) {
                return false;
            }
        }
        return true;
    }

    /** Refuses a shape that isn't the declared one. */
    public static void require(ValueInfo info, long[] shape, int rank) throws RequestException {
        if (!matches(info.shape(), shape, rank)) {
            throw RequestException.bad(
                    "input \"" + info.name() + "\": expected shape " + info.shape() + ", got " + text(shape, rank));
        }
    }

    /**
     * The number of elements of a shape.
     *
     * @return −1 if it is more than memory could hold
     */
    public static long elements(long[] shape, int rank) {
        long elements = 1;
        boolean empty = false;
        for (int i = 0; i < rank; i++) {
            if (shape[i] == 0) {
                empty = true;
            } else if (elements > Integer.MAX_VALUE || shape[i] > Integer.MAX_VALUE) {
                elements = Long.MAX_VALUE;
            } else {
                elements *= shape[i];
            }
        }
        return empty ? 0 : elements > 1L << 56 ? -1 : elements;
    }

    /** As in [2, 3]. */
    public static String text(long[] shape, int rank) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < rank; i++) {
            text.append(i == 0 ? "" : ", ").append(shape[i]);
        }
        return text.append(']').toString();
    }
}
