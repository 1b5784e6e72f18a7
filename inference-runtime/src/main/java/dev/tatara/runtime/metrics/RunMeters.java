package dev.tatara.runtime.metrics;

import dev.tatara.runtime.inference.EngineMeters;
import dev.tatara.runtime.model.ServedModel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Meters of runs and of the way to them: once per run what belongs to a run, however many requests share it. */
public final class RunMeters implements EngineMeters {
    private final Timer inference;
    private final Timer queue;
    private final DistributionSummary batchSize;
    private final Map<Rejection, Counter> rejections = new EnumMap<>(Rejection.class);
    private final Map<Cancellation, Counter> cancellations = new EnumMap<>(Cancellation.class);

    public RunMeters(PrometheusMeterRegistry registry, ServedModel model) {
        Tags tags = Tags.of("model", model.name(), "version", model.version());
        inference = Timer.builder("model_prediction_latency")
                .description("Time that ONNX Runtime took for a run")
                .serviceLevelObjectives(ServingMetrics.BUCKETS)
                .tags(tags)
                .register(registry);
        queue = Timer.builder("prediction_queue")
                .description("Time that a request waited for its turn")
                .serviceLevelObjectives(ServingMetrics.BUCKETS)
                .tags(tags)
                .register(registry);
        batchSize = DistributionSummary.builder("prediction_batch_size")
                .description("Rows per run")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
                .tags(tags)
                .register(registry);
        for (Rejection reason : Rejection.values()) {
            rejections.put(
                    reason,
                    Counter.builder("prediction_rejected")
                            .description("Requests that were not let in")
                            .tags(tags.and("reason", reason.label()))
                            .register(registry));
        }
        for (Cancellation reason : Cancellation.values()) {
            cancellations.put(
                    reason,
                    Counter.builder("prediction_cancelled")
                            .description("Requests that were let in and never run")
                            .tags(tags.and("reason", reason.label()))
                            .register(registry));
        }
    }

    @Override
    public void ran(long rows, long nanos) {
        inference.record(nanos, TimeUnit.NANOSECONDS);
        batchSize.record((double) rows);
    }

    @Override
    public void waited(long nanos) {
        queue.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void rejected(Rejection reason) {
        rejections.get(reason).increment();
    }

    @Override
    public void cancelled(Cancellation reason) {
        cancellations.get(reason).increment();
    }
}
