package dev.tatara.operator.driftpolicy;

import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Drift;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Evaluation;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.PerformanceValue;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Figures of policies as the informer knows them, each with {@code namespace}, {@code name} (the policy's) and
 * {@code service}. By the names that dashboards have: {@code model_drift_score} (share of features that drifted),
 * {@code data_drift_score{feature_name}} (statistic of at most 20 features), {@code prediction_drift_score},
 * {@code model_accuracy}, {@code model_performance{metric}}. And {@code tatara_drift_breaches{breach}} (evaluations in a
 * row that breached), {@code tatara_drift_window_rows}, {@code tatara_drift_last_evaluation_timestamp_seconds},
 * {@code tatara_drift_evaluations_total{outcome}}, {@code tatara_drift_triggers_total{action}} (counted since this
 * process began). They go with their policy. It listens to the events of the primary informer, so it costs neither a
 * watch nor a second copy of the objects.
 */
final class DriftPolicyMetrics extends AbstractEventSource<Void, DriftPolicy>
        implements ResourceEventAware<DriftPolicy> {
    private static final String ACCURACY = "accuracy";

    private final MeterRegistry registry;
    private final Map<ResourceID, Series> policies = new ConcurrentHashMap<>();

    /** What a gauge shows: its name and, where there are several of that name, which. */
    private record Key(String name, String label, String value) {}

    DriftPolicyMetrics(MeterRegistry registry) {
        super(Void.class, "metrics");
        this.registry = registry;
    }

    @Override
    public void onResourceCreated(DriftPolicy policy) {
        show(policy);
    }

    @Override
    public void onResourceUpdated(DriftPolicy policy, DriftPolicy before) {
        show(policy);
        if (before.getStatus() != null && policy.getStatus() != null) {
            series(policy).count(before.getStatus(), policy.getStatus());
        }
    }

    @Override
    public void onResourceDeleted(DriftPolicy policy) {
        var series = policies.remove(ResourceID.fromResource(policy));
        if (series != null) {
            series.end();
        }
    }

    @Override
    public Set<Void> getSecondaryResources(DriftPolicy primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    private void show(DriftPolicy policy) {
        if (policy.getStatus() != null && policy.getSpec() != null) {
            series(policy).update(policy.getSpec(), policy.getStatus());
        }
    }

    private Series series(DriftPolicy policy) {
        var id = ResourceID.fromResource(policy);
        var service = policy.getSpec().target().inferenceService();
        return policies.compute(id, (same, known) -> {
            if (known != null && known.service.equals(service)) {
                return known;
            }
            if (known != null) {
                known.end();
            }
            return new Series(policy, service);
        });
    }

    /** The meters of one policy. Only the informer's thread changes them. */
    private final class Series {
        private final String service;
        private final Tags tags;
        private final Map<Key, Meter> gauges = new HashMap<>();
        private final CounterFamily evaluations;
        private final CounterFamily triggers;
        private volatile Map<Key, Double> values = Map.of();

        Series(DriftPolicy policy, String service) {
            this.service = service;
            this.tags = Tags.of(
                    "namespace", policy.getMetadata().getNamespace(),
                    "name", policy.getMetadata().getName(),
                    "service", service);
            this.evaluations = new CounterFamily(
                            registry, "tatara.drift.evaluations", "Evaluations that ended", tags, "outcome")
                    .expect(EnumSet.allOf(StepOutcome.class));
            this.triggers =
                    new CounterFamily(registry, "tatara.drift.triggers", "Actions that were asked for", tags, "action");
        }

        void update(DriftPolicySpec spec, DriftPolicyStatus status) {
            triggers.expect(spec.actions().stream().map(Action::name).toList());
            var wanted = new HashMap<Key, Double>();
            var last = Optional.ofNullable(status.lastEvaluation());
            put(wanted, "model.drift.score", last.map(Evaluation::driftedShare));
            put(
                    wanted,
                    "prediction.drift.score",
                    last.map(Evaluation::prediction).map(Drift::statistic));
            put(
                    wanted,
                    "tatara.drift.window.rows",
                    last.map(Evaluation::samples).map(Long::doubleValue));
            put(
                    wanted,
                    "tatara.drift.last.evaluation.timestamp.seconds",
                    last.map(Evaluation::at).map(at -> (double) at.getEpochSecond()));
            last.stream()
                    .flatMap(evaluation -> evaluation.features().stream())
                    .filter(drift -> drift.name() != null && drift.statistic() != null)
                    .forEach(drift -> wanted.putIfAbsent(
                            new Key("data.drift.score", "feature_name", drift.name()), drift.statistic()));
            performance(last).forEach(one -> {
                wanted.putIfAbsent(new Key("model.performance", "metric", one.metric()), one.value());
                if (one.metric().equals(ACCURACY)) {
                    wanted.putIfAbsent(new Key("model.accuracy", null, null), one.value());
                }
            });
            status.causes().stream()
                    .filter(cause -> cause.breached() != null)
                    .forEach(cause -> wanted.put(breaches(cause), (double) cause.breached()));
            values = Map.copyOf(wanted);
            gauges.entrySet().removeIf(gauge -> {
                var isGone = !wanted.containsKey(gauge.getKey());
                if (isGone) {
                    registry.remove(gauge.getValue());
                }
                return isGone;
            });
            wanted.keySet().forEach(key -> gauges.computeIfAbsent(key, this::gauge));
        }

        void count(DriftPolicyStatus before, DriftPolicyStatus after) {
            var was = before.evaluation();
            var is = after.evaluation();
            if (is != null
                    && is.finishedAt() != null
                    && is.lastOutcome() != null
                    && (was == null || was.finishedAt() == null || !Objects.equals(was.job(), is.job()))) {
                evaluations.increment(is.lastOutcome().name());
            }
            after.triggers().stream()
                    .filter(trigger ->
                            before.triggers().stream().noneMatch(known -> Objects.equals(known.id(), trigger.id())))
                    .forEach(trigger -> triggers.increment(trigger.action()));
        }

        void end() {
            gauges.values().forEach(registry::remove);
            evaluations.remove();
            triggers.remove();
        }

        private Gauge gauge(Key key) {
            return Gauge.builder(key.name(), this, series -> series.values.getOrDefault(key, Double.NaN))
                    .tags(key.label() == null ? tags : tags.and(key.label(), key.value()))
                    .register(registry);
        }

        private static void put(Map<Key, Double> wanted, String name, Optional<Double> value) {
            value.ifPresent(number -> wanted.put(new Key(name, null, null), number));
        }

        private static Stream<PerformanceValue> performance(Optional<Evaluation> last) {
            return last.stream()
                    .flatMap(evaluation -> evaluation.performance().stream())
                    .filter(one -> one.metric() != null && one.value() != null);
        }

        private static Key breaches(Cause cause) {
            return new Key("tatara.drift.breaches", "breach", cause.breach().name());
        }
    }
}
