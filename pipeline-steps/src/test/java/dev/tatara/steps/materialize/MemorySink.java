package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import java.util.Map;
import java.util.TreeMap;

/** An online store's rules without the store: of each key the newest row stays. */
final class MemorySink implements OnlineSink {
    final Map<String, OnlineRow> newest = new TreeMap<>();
    private long written;
    private long skipped;

    /** How many rows it still takes before it fails; negative: any number. */
    private int left = -1;

    MemorySink failingAfter(int rows) {
        left = rows;
        written = 0;
        skipped = 0;
        return this;
    }

    @Override
    public void write(OnlineRow row) throws StepFailure {
        if (left == 0) {
            throw StepFailure.failed("OnlineStoreUnavailable", "gone", null);
        }
        left--;
        var key = row.keys().toString();
        var before = newest.get(key);
        if (before != null && !row.eventTime().isAfter(before.eventTime())) {
            skipped++;
            return;
        }
        newest.put(key, row);
        written++;
    }

    @Override
    public Counts finish() {
        var counts = new Counts(written, skipped);
        written = 0;
        skipped = 0;
        return counts;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
