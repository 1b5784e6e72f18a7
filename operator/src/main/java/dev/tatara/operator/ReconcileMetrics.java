package dev.tatara.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;

/**
 * Reconcile metrics by kind: {@code tatara_reconcile_seconds{kind,outcome}} as a histogram and
 * {@code tatara_reconcile_retries_total{kind}}. No label names an object, so that their number stays bounded.
 */
@Singleton
class ReconcileMetrics implements Metrics {
    private final MeterRegistry registry;

    ReconcileMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        var sample = Timer.start(registry);
        var outcome = "error";
        try {
            var result = execution.execute();
            outcome = execution.successTypeName(result);
            return result;
        } finally {
            sample.stop(Timer.builder("tatara.reconcile")
                    .description("Duration of reconciliations")
                    .tag("kind", execution.controllerName())
                    .tag("operation", execution.name())
                    .tag("outcome", outcome)
                    .serviceLevelObjectives(
                            Duration.ofMillis(1),
                            Duration.ofMillis(5),
                            Duration.ofMillis(25),
                            Duration.ofMillis(100),
                            Duration.ofMillis(500),
                            Duration.ofMillis(2500))
                    .register(registry));
        }
    }

    @Override
    public void reconcileCustomResource(HasMetadata resource, RetryInfo retry, Map<String, Object> metadata) {
        if (retry != null && retry.getAttemptCount() > 0) {
            Counter.builder("tatara.reconcile.retries")
                    .description("Reconciliations repeated after an error")
                    .tag("kind", resource.getKind())
                    .register(registry)
                    .increment();
        }
    }
}
