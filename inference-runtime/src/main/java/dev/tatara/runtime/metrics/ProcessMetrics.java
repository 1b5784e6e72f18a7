package dev.tatara.runtime.metrics;

import dev.tatara.runtime.inference.CachingEngine;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.AccessLog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** The registry, and what it tells about the process as a whole. */
public final class ProcessMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private volatile Gauge served;
    private final Histograms histograms = new Histograms(registry.getPrometheusRegistry());

    /** Where hot paths count durations and sizes. */
    public Histograms histograms() {
        return histograms;
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** In Prometheus' text format. */
    public byte[] scrape() {
        return registry.scrape().getBytes(StandardCharsets.UTF_8);
    }

    /** Registers the access log's own meter. */
    public void watch(AccessLog accessLog) {
        FunctionCounter.builder(
                        "access_log_dropped", accessLog, log -> log.dropped().sum())
                .description("Requests that should have been in the access log and are not")
                .register(registry);
    }

    /**
     * Registers the meters of the cache of answers.
     *
     * @param bytes what it holds now
     */
    public void watch(CachingEngine.Counts counts, Supplier<Number> bytes) {
        FunctionCounter.builder("prediction_cache_hits", counts, it -> it.hits().sum())
                .description("Requests that were answered without a run")
                .register(registry);
        FunctionCounter.builder(
                        "prediction_cache_misses", counts, it -> it.misses().sum())
                .description("Requests that were looked for in the cache and weren't there")
                .register(registry);
        Gauge.builder("prediction_cache_bytes", bytes)
                .description("About how much the cache of answers holds")
                .register(registry);
    }

    /** Registers how many connections are open. */
    public void bind(Supplier<Number> open) {
        Gauge.builder("http_connections_open", open)
                .description("Open connections of all ports")
                .register(registry);
    }

    /** Registers the meters that nobody misses before the model is ready. */
    @SuppressWarnings("resource") // JvmGcMetrics listens as long as the process lives
    public void bind(Serving serving) {
        Gauge.builder("prediction_requests_in_flight", serving.active(), Number::doubleValue)
                .description("Requests between their first byte and the last byte of their answer")
                .register(registry);
        Gauge.builder("prediction_queue_length", serving, ProcessMetrics::queueLength)
                .description("Requests that wait for a worker")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private static double queueLength(Serving serving) {
        Serving.Loaded loaded = serving.loaded();
        return loaded == null ? 0 : loaded.workers().queueLength();
    }

    /** Names the model that is served, in the place of the one before. */
    public void served(ServedModel model, String revision) {
        Gauge before = served;
        if (before != null) {
            registry.remove(before);
        }
        served = Gauge.builder("served_model", () -> 1)
                .description("The model that is served")
                .tags("model", model.name(), "version", model.version(), "sha256", model.sha256(), "revision", revision)
                .register(registry);
    }
}
