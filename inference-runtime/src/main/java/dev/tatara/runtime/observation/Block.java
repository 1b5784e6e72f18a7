package dev.tatara.runtime.observation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sampled rows on their way from a request to the sketches: bytes as they lay in the tensors. */
final class Block {
    private static final int KEPT_BYTES = 1 << 20;

    private final Stage[] stages;
    private int rows;

    /** The rows of one input or output. */
    static final class Stage {
        private byte[] bytes = new byte[0];
        private int used;
        private final List<byte[]> texts = new ArrayList<>();

        byte[] bytes() {
            return bytes;
        }

        int used() {
            return used;
        }

        List<byte[]> texts() {
            return texts;
        }

        void add(MemorySegment source, long from, int length) {
            if (bytes.length - used < length) {
                bytes = Arrays.copyOf(bytes, Math.max(used + length, bytes.length * 2));
            }
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, bytes, used, length);
            used += length;
        }

        private void clear() {
            used = 0;
            texts.clear();
            if (bytes.length > KEPT_BYTES) {
                bytes = new byte[0];
            }
        }
    }

    Block(int tensors) {
        stages = new Stage[tensors];
        Arrays.setAll(stages, i -> new Stage());
    }

    Stage stage(int tensor) {
        return stages[tensor];
    }

    int rows() {
        return rows;
    }

    void addRows(int more) {
        rows += more;
    }

    void clear() {
        rows = 0;
        for (Stage stage : stages) {
            stage.clear();
        }
    }
}
