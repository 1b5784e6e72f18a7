package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class RolloutMetricsTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RolloutMetrics metrics = new RolloutMetrics(registry);

    @Test
    void figuresComeAndGoWithTheCandidate() {
        var rolling = service("""
                candidate: {revision: 55ab, weight: 25, observedWeight: 5}
                  rollout: {stepStartedAt: "2026-01-01T00:00:00Z", pausedAt: "2026-01-01T01:00:00Z"}
                  conditions: [{type: TrafficConverged, status: "False", reason: PodUnreachable, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
                """);
        metrics.onResourceCreated(rolling);

        assertThat(value("tatara.rollout.weight")).isEqualTo(25);
        assertThat(value("tatara.rollout.observed.weight")).isEqualTo(5);
        assertThat(value("tatara.rollout.paused")).isEqualTo(1);
        assertThat(value("tatara.rollout.converged")).isZero();
        assertThat(value("tatara.rollout.step.started.timestamp.seconds")).isEqualTo(1_767_225_600);

        assertThat(outcomes("RolledBack"))
                .as("there before the first, for increase()")
                .isZero();
        var ended = service("""
                history: [{revision: 55ab, at: "2026-01-01T02:00:00Z", outcome: RolledBack}]
                """);
        metrics.onResourceUpdated(ended, rolling);
        assertThat(registry.find("tatara.rollout.weight").gauge()).isNull();
        assertThat(outcomes("RolledBack")).isEqualTo(1);

        metrics.onResourceUpdated(ended, ended);
        assertThat(outcomes("RolledBack")).isEqualTo(1);
        metrics.onResourceDeleted(ended);
        assertThat(registry.getMeters()).isEmpty();
    }

    private double outcomes(String outcome) {
        return registry.get("tatara.rollout.outcomes")
                .tag("service", "churn")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double value(String name) {
        return registry.get(name)
                .tag("namespace", "ml")
                .tag("service", "churn")
                .gauge()
                .value();
    }

    private static InferenceService service(String status) {
        return YAML.unmarshal("""
                ---
                metadata: {name: churn, namespace: ml}
                spec: {model: {versionRef: {name: churn-1}}}
                status:
                  %s""".formatted(status), InferenceService.class);
    }
}
