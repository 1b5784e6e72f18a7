package dev.tatara.runtime.metrics;

import dev.tatara.runtime.inference.EngineMeters;
import dev.tatara.runtime.model.ServedModel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** Meters of runs and of the way to them: once per run what belongs to a run, however many requests share it. */
public final class RunMeters implements EngineMeters {
    private final Histogram inference;
    private final Histogram queue;
    private final Histogram batchSize;
    private final Map<Rejection, Counter> rejections = new EnumMap<>(Rejection.class);
    private final Map<Cancellation, Counter> cancellations = new EnumMap<>(Cancellation.class);

    public RunMeters(ProcessMetrics process, ServedModel model) {
        PrometheusMeterRegistry registry = process.registry();
        Tags tags = Tags.of("model", model.name(), "version", model.version());
        inference = process.histograms()
                .ofSeconds(
                        "model_prediction_latency_seconds",
                        "Time that ONNX Runtime took for a run",
                        tags,
                        ServingMetrics.BUCKETS);
        queue = process.histograms()
                .ofSeconds(
                        "prediction_queue_seconds",
                        "Time that a request waited for its turn",
                        tags,
                        ServingMetrics.BUCKETS);
        batchSize = process.histograms()
                .ofNumbers("prediction_batch_size", "Rows per run", tags, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024);
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
        inference.record(nanos);
        batchSize.record(rows);
    }

    @Override
    public void waited(long nanos) {
        queue.record(nanos);
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
