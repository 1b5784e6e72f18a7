package dev.tatara.runtime.inference;

import dev.tatara.runtime.model.ServedModel;
import java.time.Duration;

/**
 * Runs what is expected to be quick on the calling event loop, where handing over to another thread would cost more than
 * the run itself, and passes on what isn't. One per event loop.
 */
public final class EventLoopEngine implements InferenceEngine, AutoCloseable {
    private final Runner runner;
    private final InferenceEngine longRuns;
    private final long mostRows;

    /**
     * @param budget the longest run that may hold the event loop up
     * @param longRuns where longer ones go
     */
    public EventLoopEngine(ServedModel model, Duration budget, InferenceEngine longRuns) {
        this.runner = new Runner(model);
        this.longRuns = longRuns;
        // A run's time grows with its rows at most; a batch usually takes less per row.
        this.mostRows = budget.toNanos() / Math.max(1, model.oneRow().toNanos());
    }

    @Override
    public void submit(InferenceRequest request, Completion completion) {
        if (request.rows() <= mostRows) {
            runner.run(request, 0, completion);
        } else {
            longRuns.submit(request, completion);
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
