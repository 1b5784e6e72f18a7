package dev.tatara.runtime.inference;

import dev.tatara.runtime.inference.EngineMeters.Cancellation;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.ServedModel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What all engines of a model share: how requests are put together, what runs take, whom to tell. */
public final class EngineState {
    private final ServedModel model;
    private final BatchSettings settings;
    private final EngineMeters meters;
    private final ShapeCosts costs;
    private final Togetherness togetherness;
    private final int maxRows;

    public EngineState(ServedModel model, BatchSettings settings, EngineMeters meters) {
        this.model = model;
        this.settings = settings;
        this.meters = meters;
        Batchability batchability = model.batchability();
        costs = new ShapeCosts(batchability.cost(), InferenceRequest.warmRowKey(model));
        maxRows = Math.min(settings.maxRows(), batchability.cost().usefulRows());
        togetherness = new Togetherness(batchability.possible() && maxRows > 1);
    }

    public ServedModel model() {
        return model;
    }

    /** The most rows of several requests in one run. */
    int maxRows() {
        return maxRows;
    }

    BatchSettings settings() {
        return settings;
    }

    /** Who is told what happens to requests. */
    public EngineMeters meters() {
        return meters;
    }

    ShapeCosts costs() {
        return costs;
    }

    Togetherness togetherness() {
        return togetherness;
    }

    /** Completes a request that needn't run any more. */
    void cancel(InferenceRequest request, Cancellation reason) {
        meters.cancelled(reason);
        switch (reason) {
            case DISCONNECTED -> Runner.fail(request, new RequestException(499, "the client is gone"));
            case DEADLINE -> {
                long nanos = request.deadlineNanos() - request.submittedNanos();
                String why = nanos <= 0
                        ? "its deadline had passed when it was read"
                        : "its turn didn't come within " + text(nanos);
                Runner.fail(request, new RequestException(504, why + ": try again later"));
            }
        }
    }

    private static String text(long nanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        return micros < Duration.ofMillis(10).toNanos() / 1000 ? micros + " µs" : micros / 1000 + " ms";
    }
}
