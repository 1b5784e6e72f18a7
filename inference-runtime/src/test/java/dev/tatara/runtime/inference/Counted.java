package dev.tatara.runtime.inference;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What engines told. */
final class Counted implements EngineMeters {
    private final ConcurrentLinkedQueue<Long> runs = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Rejection> rejections = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Cancellation> cancellations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waited = new AtomicInteger();

    @Override
    public void ran(long rows, long nanos) {
        runs.add(rows);
    }

    @Override
    public void waited(long nanos) {
        if (nanos < 0) {
            throw new AssertionError("a negative wait");
        }
        waited.incrementAndGet();
    }

    @Override
    public void rejected(Rejection reason) {
        rejections.add(reason);
    }

    @Override
    public void cancelled(Cancellation reason) {
        cancellations.add(reason);
    }

    /** Rows of each run that succeeded. */
    List<Long> runs() {
        return List.copyOf(runs);
    }

    List<Rejection> rejections() {
        return List.copyOf(rejections);
    }

    List<Cancellation> cancellations() {
        return List.copyOf(cancellations);
    }

    int waited() {
        return waited.get();
    }
}
