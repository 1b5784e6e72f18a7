package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFactsTest {
    private static ModelFacts facts(String yaml) {
        return ModelFacts.of(new KubernetesSerialization().unmarshal("---\n" + yaml, ModelVersion.class));
    }

    @Test
    void tellsWhatTrainingKnew() {
        var facts = facts("""
                spec:
                  model: churn
                  version: "1"
                  metrics: {accuracy: 0.94, roc.auc: 1.0e-9, latencyP99Millis: 3, "of words": 1}
                  lineage: {trainedAt: "2026-11-20T06:00:00Z"}
                status:
                  task: Classification
                  measurements: {latencyP99Millis: 0.2, sizeMiB: 4}
                """);

        assertThat(facts)
                .isEqualTo(new ModelFacts(
                        "Classification",
                        "2026-11-20T06:00:00Z",
                        Map.of("accuracy", 0.94, "roc.auc", 1.0e-9, "latencyP99Millis", 3.0)));
    }

    @Test
    void whatNobodySaidIsNotTold() {
        assertThat(facts("spec: {model: churn, version: '1'}\nstatus: {phase: Ready}\n"))
                .isEqualTo(ModelFacts.NONE);
    }

    @Test
    void podsAreToldWhenTheirRevisionIsNew() {
        var cluster = new SimulatedCluster("{model: {versionRef: {name: churn-1}}}");
        cluster.choose(1, new ModelFacts("Regression", "2026-11-20T06:00:00Z", Map.of("roc.auc", 0.5)));

        assertThat(asked(cluster).frozen().configuration())
                .contains(
                        "tatara.runtime.model.task=Regression\n",
                        "tatara.runtime.model.trained-at=2026-11-20T06:00:00Z\n",
                        "tatara.runtime.model.metrics.\"roc.auc\"=0.5\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OnNextRollout", "Automatic", "Manual"})
    void whatIsLearntLaterStartsNoPodsAnew(String upgrade) {
        var cluster =
                new SimulatedCluster("{model: {versionRef: {name: churn-1}}, runtime: {upgrade: " + upgrade + "}}");
        cluster.choose(1, new ModelFacts("Regression", null, Map.of("r2", 0.5)));
        var before = asked(cluster);
        cluster.carryOut(planner(cluster).plan(cluster.observe(), Optional.empty(), RolloutPlanner.Signals.NONE));
        assertThat(cluster.observe().revisions()).hasSize(1);

        cluster.choose(1, new ModelFacts("Other", null, Map.of("r2", 0.6)));

        assertThat(asked(cluster)).isEqualTo(before);
    }

    private static RolloutPlanner planner(SimulatedCluster cluster) {
        return new RolloutPlanner(
                new PodRenderer(cluster.serialization), cluster.serialization, SimulatedCluster.SETTINGS);
    }

    private static Revision asked(SimulatedCluster cluster) {
        var observed = cluster.observe();
        return planner(cluster).askedFor(observed, (ModelChoice.Chosen) observed.choice());
    }
}
