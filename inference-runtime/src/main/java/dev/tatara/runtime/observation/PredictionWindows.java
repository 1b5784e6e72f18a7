package dev.tatara.runtime.observation;

import dev.tatara.statistics.Pane.Column;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Sketches of what was predicted, by the spans of time in which a router counts, while it does: what a candidate's
 * answers are compared with stable's by. Their number is bounded by their size. Used under the sketcher's lock.
 */
final class PredictionWindows {
    private static final int MOST_WINDOWS = 360;
    private static final long MOST_BYTES = 16 << 20;
    private static final int BYTES_PER_COLUMN = 4096;

    private final List<TensorSketches> tensors;
    private final int[] stages;
    private final IntSupplier seconds;
    private final Deque<Window> windows = new ArrayDeque<>();
    private int length;
    private long start;

    private record Window(long start, List<Column> columns) {}

    /**
     * @param tensors of outputs
     * @param stages where their rows are in a block
     * @param seconds length of a window; 0 while there are to be none
     */
    PredictionWindows(List<TensorSketches> tensors, int[] stages, IntSupplier seconds) {
        this.tensors = List.copyOf(tensors);
        this.stages = stages.clone();
        this.seconds = seconds;
    }

    /** Adds rows that were sampled just now. */
    void update(Block block, long nowMillis) {
        if (!roll(nowMillis)) {
            return;
        }
        for (int i = 0; i < stages.length; i++) {
            tensors.get(i).update(block.stage(stages[i]));
        }
    }

    /** Closes the window if it is over; whether there is one that is open. */
    private boolean roll(long nowMillis) {
        int wanted = seconds.getAsInt();
        if (wanted != length) {
            length = wanted;
            windows.clear();
            tensors.forEach(TensorSketches::reset);
            start = begin(nowMillis);
        }
        if (length > 0 && begin(nowMillis) > start) {
            close();
            start = begin(nowMillis);
        }
        return length > 0;
    }

    private long begin(long nowMillis) {
        return length == 0 ? 0 : nowMillis - Math.floorMod(nowMillis, TimeUnit.SECONDS.toMillis(length));
    }

    private void close() {
        List<Column> columns = TensorSketches.columns(tensors);
        tensors.forEach(TensorSketches::reset);
        if (columns.isEmpty()) {
            return;
        }
        windows.addLast(new Window(start, columns));
        long most = Math.clamp(MOST_BYTES / BYTES_PER_COLUMN / columns.size(), 1, MOST_WINDOWS);
        while (windows.size() > most) {
            windows.removeFirst();
        }
    }

    /** The sketches of windows that begin at an instant or later; that of the last one is a copy. */
    SortedMap<Instant, List<Column>> since(long millis, long nowMillis) {
        SortedMap<Instant, List<Column>> found = new TreeMap<>();
        if (!roll(nowMillis)) {
            return found;
        }
        for (Window window : windows) {
            if (window.start >= millis) {
                found.put(Instant.ofEpochMilli(window.start), window.columns);
            }
        }
        List<Column> open = new ArrayList<>();
        for (Column column : TensorSketches.columns(tensors)) {
            open.add(new Column(column.role(), column.name(), column.sketch().copy()));
        }
        if (start >= millis && !open.isEmpty()) {
            found.put(Instant.ofEpochMilli(start), open);
        }
        return found;
    }
}
