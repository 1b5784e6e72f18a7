package dev.tatara.e2e.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.ObjectStore;
import dev.tatara.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;

/** Trainings on {@link ChurnData} in a namespace. */
public final class Trainings {
    public static final String IMAGE = "tatara.dev/trainer-sklearn:dev";

    /** A run starts half a dozen pods one after the other. */
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private final ObjectStore store;
    private final TestNamespace namespace;

    public Trainings(Cluster cluster, TestNamespace namespace) {
        this(cluster.store(), namespace);
    }

    /** The same, on another store than the one that all share. */
    public Trainings(ObjectStore store, TestNamespace namespace) {
        this.store = store;
        this.namespace = namespace;
    }

    /** Uploads raw rows and labels, and makes the Secret for Redis. */
    public void upload(ChurnData data) {
        uploadFiles(data);
        namespace.createSecret("redis", namespace.redisCredentials());
    }

    /** Uploads raw rows and labels. */
    public void uploadFiles(ChurnData data) {
        put("rows.csv", data.rows());
        put("labels.csv", data.labels());
    }

    private void put(String file, String content) {
        store.put(namespace.key("churn/" + file), content.getBytes(StandardCharsets.UTF_8));
    }

    private String uri(String file) {
        return "s3://models/" + namespace.key("churn/" + file);
    }

    /** The view of the users' features. */
    public String view(String name) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: %s}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features:
                - {name: x0, type: DOUBLE}
                - {name: x1, type: DOUBLE}
                - {name: x2, type: DOUBLE}
                - {name: x3, type: DOUBLE}
              source: {uri: "%s", timestampColumn: at}
              online: {enabled: true, redis: {secretRef: {name: redis}}}
            """.formatted(name, uri("rows.csv"));
    }

    /** A view whose one feature tells who left: what a model is to find out. */
    public String tellingView(String name) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: %s}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features: [{name: has_left, type: INT64}]
              source: {uri: "%s", timestampColumn: event_timestamp, fieldMapping: {churned: has_left}}
            """.formatted(name, uri("labels.csv"));
    }

    /** A training that starts at once, with a gate and what else is asked, a line each with no indent. */
    public String churn(String name, double accuracy, String... more) {
        return training(name, trainer("[--label, churned, --ignore, \"user_id,event_timestamp\"]"), accuracy, more);
    }

    /** The sample trainer with arguments. */
    public static String trainer(String arguments) {
        return "{image: %s, args: %s, resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 1Gi}}}"
                .formatted(IMAGE, arguments);
    }

    /** The same, of what turned out to be true of a service's predictions. */
    public String churnByFeedback(String name, String service, double accuracy) {
        return churn(name, accuracy)
                .replaceFirst(
                        "entities: \\{uri: [^,]+,", Matcher.quoteReplacement("entities: {feedback: " + service + ","));
    }

    /** A training with a trainer of its own. */
    public String training(String name, String trainer, double accuracy, String... more) {
        var lines = new StringBuilder();
        for (var line : more) {
            lines.append("  ").append(line).append('\n');
        }
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: %s}
            spec:
              model: %s
              triggers: {onCreate: true}
              dataset:
                entities: {uri: "%s", timestampColumn: event_timestamp, labelColumn: churned}
                featureViews: [{name: user-activity, features: [x0, x1, x2, x3]}]
                validation: {checks: [{type: Schema, onFailure: Block}]}
                split: {test: 0.25, validation: 0.15, seed: 42, by: Stratified}
              hyperparameters: {epochs: 40, hidden_units: 8, learning_rate: 0.02}
              trainer: %s
              retries: 3
              retryDelay: 5s
              evaluation:
                metrics: [accuracy, f1, roc_auc]
                gates: [{metric: accuracy, min: %s}]
            """.formatted(name, name, uri("labels.csv"), trainer, accuracy) + lines;
    }

    /** Waits until a run ended in a phase. */
    public CustomObject awaitRun(String job, int number, String phase) {
        return namespace.awaitTrainingJob(job, LIMIT, object -> {
            assertThat(run(object, number).get("phase"))
                    .as("%s", object.status())
                    .isEqualTo(phase);
            assertThat(run(object, number).get("finishedAt")).isNotNull();
        });
    }

    /** One run in the status; empty where it isn't. */
    public static Map<String, Object> run(CustomObject job, int number) {
        List<Map<String, Object>> runs = job.resource().get("status", "runs");
        return runs == null
                ? Map.of()
                : runs.stream()
                        .filter(run -> run.get("number").equals(number))
                        .findFirst()
                        .orElse(Map.of());
    }

    /** Where a run's results lie in the artifact store, with a slash at the end. */
    public String folder(CustomObject job, int number) {
        return "runs/%s/%s/%d-%s/"
                .formatted(
                        namespace.name(),
                        job.resource().getMetadata().getName(),
                        number,
                        job.uid().substring(0, 8));
    }

    /**
     * What a training's first run left: digests of the rows, figures of the model (whose graph skl2onnx names at random),
     * all keys.
     */
    public Map<String, String> results(String training) {
        var job = namespace.trainingJob(training);
        var folder = folder(job, 1);
        var results = new TreeMap<String, String>();
        for (var file : List.of("dataset/train.parquet", "dataset/validation.parquet", "dataset/test.parquet")) {
            results.put(file, store.sha256(folder + file));
        }
        var metrics = new TreeMap<>((Map<?, ?>) run(job, 1).get("metrics"));
        metrics.keySet().removeIf(metric -> String.valueOf(metric).startsWith("latency"));
        results.put("metrics", metrics.toString());
        results.put("keys", store.artifacts(folder).toString().replace(folder, ""));
        return results;
    }

    /** Names of a training's Jobs, sorted. */
    public static List<String> stepsOf(TestNamespace namespace, String job) {
        return namespace.jobs(Map.of("mlops.tatara.dev/trainingjob", job)).stream()
                .map(step -> step.getMetadata().getName())
                .sorted()
                .toList();
    }
}
