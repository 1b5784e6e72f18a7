package dev.tatara.e2e.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.Trainings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A service called {@code world} of a model that a training made, which policies watch. */
public final class Watched {
    public static final String NAME = "world";
    /** Rows of a training; a quarter of them is what the evaluation judges by and live rows are compared with. */
    private static final int ROWS = 2000;
    /** How far back a run looks; rows of the world before are nearly that old. */
    private static final Duration WINDOW = Duration.ofHours(1);

    private static final Duration LIMIT = Duration.ofMinutes(8);

    private final Cluster cluster;
    private final TestNamespace namespace;

    public Watched(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    /**
     * Trains on the world before and serves what comes of it.
     *
     * @param policies the policies that the training listens to
     */
    public void serve(String policies) {
        upload(
                "rows.csv",
                World.header() + World.before(1).csv(ROWS, Instant.now().minusSeconds(30)));
        namespace.apply(training(NAME, "rows.csv", "{onCreate: true, policies: [%s]}".formatted(policies), 0.85));
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: InferenceService
            metadata: {name: world}
            spec:
              model: {follow: {model: world, stage: Production}}
              replicas: 1
              monitoring: {pane: 5s}
              resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}
              rollout: {strategy: RollingUpdate, scaleDownDelay: 5s}
            """);
        new Trainings(cluster, namespace).awaitRun(NAME, 1, "Registered");
        namespace.awaitServing(NAME, NAME + "-1");
    }

    /** Rows of the world after beside those that the first run learnt of, which are too old for any other by now. */
    public void bringFreshRows() {
        upload("rows.csv", past() + World.after(2).csv(ROWS, Instant.now().minusSeconds(30)));
    }

    /** The same, but nothing tells their labels. */
    public void bringUselessRows() {
        upload(
                "rows.csv",
                past()
                        + World.after(3)
                                .csvWithLabelsOfChance(ROWS, Instant.now().minusSeconds(30)));
    }

    private static String past() {
        return World.header()
                + World.before(1).csv(ROWS, Instant.now().minus(WINDOW).minusSeconds(60));
    }

    private void upload(String file, String rows) {
        cluster.store().put(namespace.key("world/" + file), rows.getBytes(StandardCharsets.UTF_8));
    }

    /** A training of the model {@code world} that must not be worse than what is in Production. */
    public String training(String name, String file, String triggers, double accuracy) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: %s}
            spec:
              model: world
              triggers: %s
              dataset:
                uri: "s3://models/%s"
                labelColumn: label
                timestampColumn: at
                window: %dm
                split: {test: 0.25, validation: 0.15, seed: 42, by: Stratified}
              hyperparameters: {epochs: 30, hidden_units: 8, learning_rate: 0.02}
              trainer: %s
              retries: 1
              retryDelay: 5s
              evaluation:
                metrics: [accuracy, f1]
                gates:
                  - {metric: accuracy, min: %s}
                  - {metric: accuracy, notWorseThan: Production}
              register: {stage: Production}
            """.formatted(
                        name,
                        triggers,
                        namespace.key("world/" + file),
                        WINDOW.toMinutes(),
                        Trainings.trainer("[--label, label, --ignore, at]"),
                        accuracy);
    }

    /** A policy that looks at the last half minute; {@code more} in YAML's flow style, one field a line. */
    public static String policy(String name, String every, long minSamples, String... more) {
        var lines = new StringBuilder();
        for (var line : more) {
            lines.append("  ").append(line).append('\n');
        }
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: DriftPolicy
            metadata: {name: %s}
            spec:
              target: {inferenceService: world}
              reference: {baseline: ModelVersion}
              window: {length: 30s, every: %s, minSamples: %d}
              data: {share: 0.25, defaults: {test: PSI, distance: 0.2}}
              consecutiveBreaches: 3
            """.formatted(name, every, minSamples) + lines;
    }

    public CustomObject awaitPolicy(String name, Consumer<CustomObject> assertion) {
        return namespace.awaitDriftPolicy(name, LIMIT, assertion);
    }

    /** The trigger of an action in the status; empty where there is none. */
    public static Map<String, Object> trigger(CustomObject policy, String action) {
        List<Map<String, Object>> triggers = policy.resource().get("status", "triggers");
        return triggers == null
                ? Map.of()
                : triggers.stream()
                        .filter(trigger -> action.equals(trigger.get("action")))
                        .findFirst()
                        .orElse(Map.of());
    }

    /** Waits until a policy has been evaluated so often more; returns it as it is then. */
    public CustomObject awaitEvaluations(String name, int more) {
        var seen = new HashSet<Object>();
        return awaitPolicy(name, policy -> {
            seen.add(policy.status("lastEvaluation", "at"));
            assertThat(seen).as("times of evaluations").hasSizeGreaterThan(more);
        });
    }
}
