package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.metrics.CounterFamily;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Figures of rollouts as statuses tell them, each with {@code namespace} and {@code service}. While there is a
 * candidate: {@code tatara_rollout_weight} and {@code tatara_rollout_observed_weight} (its percentage of the traffic,
 * asked for and acknowledged), {@code tatara_rollout_step_started_timestamp_seconds}, {@code tatara_rollout_paused} and
 * {@code tatara_rollout_converged} (0 or 1). And {@code tatara_rollout_outcomes_total{outcome}}, counted since this
 * process began. They go with their service. It listens to the events of the primary informer, so it costs neither a
 * watch nor a second copy of the objects.
 */
final class RolloutMetrics extends AbstractEventSource<Void, InferenceService>
        implements ResourceEventAware<InferenceService> {
    private final MeterRegistry registry;
    private final Map<ResourceID, Series> services = new ConcurrentHashMap<>();

    RolloutMetrics(MeterRegistry registry) {
        super(Void.class, "metrics");
        this.registry = registry;
    }

    @Override
    public void onResourceCreated(InferenceService service) {
        series(service).show(service.getStatus());
    }

    @Override
    public void onResourceUpdated(InferenceService service, InferenceService before) {
        var series = series(service);
        series.show(service.getStatus());
        if (service.getStatus() != null && before.getStatus() != null) {
            service.getStatus().history().stream()
                    .filter(outcome -> !before.getStatus().history().contains(outcome))
                    .forEach(outcome -> series.count(outcome.outcome()));
        }
    }

    @Override
    public void onResourceDeleted(InferenceService service) {
        var series = services.remove(ResourceID.fromResource(service));
        if (series != null) {
            series.end();
        }
    }

    @Override
    public Set<Void> getSecondaryResources(InferenceService primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    private Series series(InferenceService service) {
        return services.computeIfAbsent(ResourceID.fromResource(service), Series::new);
    }

    /** The meters of one service. Only the informer's thread changes them. */
    private final class Series {
        private final Tags tags;
        private final Map<String, Meter> gauges = new HashMap<>();
        private final CounterFamily outcomes;
        private volatile Map<String, Double> values = Map.of();

        Series(ResourceID service) {
            tags = Tags.of("namespace", service.getNamespace().orElse(""), "service", service.getName());
            outcomes = new CounterFamily(registry, "tatara.rollout.outcomes", "Rollouts that ended", tags, "outcome")
                    .expect(EnumSet.allOf(Outcome.End.class));
        }

        void show(InferenceServiceStatus status) {
            values = values(status);
            gauges.entrySet().removeIf(gauge -> {
                var isGone = !values.containsKey(gauge.getKey());
                if (isGone) {
                    registry.remove(gauge.getValue());
                }
                return isGone;
            });
            values.keySet().forEach(name -> gauges.computeIfAbsent(name, this::gauge));
        }

        void count(Outcome.End end) {
            if (end != null) {
                outcomes.increment(end.name());
            }
        }

        void end() {
            gauges.values().forEach(registry::remove);
            outcomes.remove();
        }

        private Gauge gauge(String name) {
            return Gauge.builder(name, this, series -> series.values.getOrDefault(name, Double.NaN))
                    .tags(tags)
                    .register(registry);
        }

        private static Map<String, Double> values(InferenceServiceStatus status) {
            if (status == null || status.candidate() == null || status.rollout() == null) {
                return Map.of();
            }
            var values = new HashMap<String, Double>();
            put(values, "tatara.rollout.weight", status.candidate().weight());
            put(values, "tatara.rollout.observed.weight", status.candidate().observedWeight());
            if (status.rollout().stepStartedAt() != null) {
                put(
                        values,
                        "tatara.rollout.step.started.timestamp.seconds",
                        status.rollout().stepStartedAt().getEpochSecond());
            }
            put(values, "tatara.rollout.paused", status.rollout().pausedAt() == null ? 0 : 1);
            ConditionSet.find(status.conditions(), "TrafficConverged")
                    .map(Condition::holds)
                    .ifPresent(holds -> put(values, "tatara.rollout.converged", holds ? 1 : 0));
            return Map.copyOf(values);
        }

        private static void put(Map<String, Double> values, String name, Number value) {
            if (value != null) {
                values.put(name, value.doubleValue());
            }
        }
    }
}
