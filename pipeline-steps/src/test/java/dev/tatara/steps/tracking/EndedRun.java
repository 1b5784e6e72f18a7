package dev.tatara.steps.tracking;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.Tracked;
import dev.tatara.contracts.Validated;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.inspect.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A run's folder as its steps leave it, to be recorded again and again. */
final class EndedRun {
    static final Instant STARTED = Instant.parse("2026-11-21T10:00:00Z");
    static final Instant ENDED = Instant.parse("2026-11-21T10:07:00Z");

    private final Path folder;
    private final String name;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private String server = "";
    private String outcome = "Registered";
    private String modelVersion;
    private long number = 3;
    private Path trials;

    /** A run of a TrainingJob in a folder of its own. */
    EndedRun(Path folder, String name) throws IOException {
        this.folder = Files.createDirectories(folder.resolve(name));
        this.name = name;
        this.modelVersion = name + "-7";
    }

    EndedRun server(String uri) {
        this.server = uri;
        return this;
    }

    EndedRun outcome(String word) {
        this.outcome = word;
        this.modelVersion = word.equals("Registered") ? name + "-7" : null;
        return this;
    }

    EndedRun number(long other) {
        this.number = other;
        return this;
    }

    String run() {
        return "runs/shop/" + name + "/" + number + "-1a2b3c4d";
    }

    String identity() {
        return "shop/" + name + "/" + number + "-1a2b3c4d";
    }

    Path job() throws IOException {
        return Files.writeString(folder.resolve("job.yaml"), """
                kind: TrainingJob
                metadata: {name: %s, namespace: shop}
                spec:
                  model: %s
                  owner: team-growth
                  dataset:
                    uri: s3://raw/churn.parquet
                    labelColumn: churned
                  hyperparameters:
                    learningRate: 0.1
                    layers: [64, 32]
                    optimizer: {name: adam, beta: 0.9}
                  trainer: {image: registry.example.com/churn:4}
                  sweep:
                    trials: 3
                    objective: {metric: auc, goal: Maximize}
                    parameters: [{name: depth, integer: {min: 1, max: 9}}]
                  register: {stage: Staging}
                  tracking: {mlflow: {uri: "%s", experiment: exp-%s}}
                """.formatted(name, name, server, name));
    }

    /** Results of all steps, and the files that they speak of. */
    EndedRun everything() throws IOException {
        var html = put("validate/validation.html", "<html>rows</html>");
        put(
                "validate/result.json",
                StepResult.succeeded(
                        "validate",
                        "",
                        new Validated(
                                1000,
                                List.of(new CheckVerdict("NullRatio", "age", 0.1, 0.05, Verdict.Failed, 100L, null)),
                                false,
                                new Validated.Report(html.uri(), html.sha256()),
                                null,
                                null)));
        var train = put("dataset/train.parquet", "train");
        var test = put("dataset/test.parquet", "test");
        put(
                "join/result.json",
                StepResult.succeeded(
                        "join",
                        "",
                        new JoinedDataset(
                                List.of(
                                        new JoinedDataset.Part("train", train.uri(), train.sha256(), 5, 800),
                                        new JoinedDataset.Part("test", test.uri(), test.sha256(), 4, 200)),
                                List.of(new JoinedDataset.View("shop", "user-activity", 12, "ab".repeat(32), 990)),
                                1000,
                                List.of(),
                                false,
                                false,
                                null,
                                null)));
        published("", TinyModel.identity(), Map.of("auc", 0.91, "train.rows", 800.0), 5);
        evaluated();
        return this;
    }

    private void evaluated() throws IOException {
        var metrics = put("evaluate/metrics.json", "{\"accuracy\": 0.9}");
        var profile = put("evaluate/profile.json", "{}");
        var card = put("evaluate/card.html", "<html>card</html>");
        var measured = new LinkedHashMap<String, Double>();
        measured.put("accuracy", 0.9);
        measured.put("roc_auc", 0.93);
        put(
                "evaluate/result.json",
                StepResult.rejected(
                        "evaluate",
                        "GatesFailed",
                        "",
                        new Evaluated(
                                "Classification",
                                200,
                                "",
                                "",
                                measured,
                                Map.of(),
                                List.of(new GateVerdict(
                                        "accuracy >= 0.95", "accuracy", null, 0.9, 0.95, null, false, 0.05, "")),
                                1,
                                List.of(),
                                List.of(),
                                new Evaluated.Artifact(metrics.uri(), metrics.sha256()),
                                new Evaluated.Artifact(profile.uri(), profile.sha256()),
                                new Evaluated.Artifact(card.uri(), card.sha256()),
                                false)));
    }

    /** A model, the trainer's metrics and a curve of so many steps. */
    EndedRun published(String prefix, byte[] model, Map<String, Double> metrics, int steps) throws IOException {
        var curve = new StringBuilder();
        for (var step = 1; step <= steps; step++) {
            curve.append("{\"step\": %d, \"loss\": %s, \"auc\": %s}%n".formatted(step, 1.0 / step, 0.5 + step / 100.0));
        }
        put(prefix + "metrics.json", "{}");
        put(
                prefix.isEmpty() ? "train/result.json" : prefix + "result.json",
                StepResult.succeeded(
                        "publish",
                        "",
                        new Published(
                                put(prefix + "model.onnx", model),
                                metrics,
                                List.of(),
                                new Published.Artifacts(uri(prefix + "artifacts"), 2, 10, 0),
                                put(prefix + "progress.jsonl", curve.toString()),
                                false)));
        return this;
    }

    /** Three trials, of which the second is the best. */
    EndedRun trials() throws IOException {
        trials = Files.writeString(folder.resolve("trials.json"), """
                {"trials": [
                  {"trial": 0, "parameters": {"depth": 3}, "state": "Succeeded", "value": 0.8},
                  {"trial": 1, "parameters": {"depth": 5}, "state": "Succeeded", "value": 0.91},
                  {"trial": 2, "parameters": {"depth": 9}, "state": "Failed", "why": "out of memory"}]}
                """);
        published("trials/1/", TinyModel.identity(), Map.of("auc", 0.91), 3);
        return this;
    }

    private Published.StoredFile put(String key, StepResult<?> result) throws IOException {
        return put(key, StepResultCodec.toJson(result));
    }

    private Published.StoredFile put(String key, String text) throws IOException {
        return put(key, text.getBytes(StandardCharsets.UTF_8));
    }

    private Published.StoredFile put(String key, byte[] bytes) throws IOException {
        var file = store().resolve(run()).resolve(key);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return new Published.StoredFile(uri(key), Sha256.of(bytes).sha256(), bytes.length);
    }

    private String uri(String key) {
        return "file://" + store().resolve(run()).resolve(key);
    }

    Path store() {
        return folder.resolve("store");
    }

    TrackOptions options() throws IOException {
        return new TrackOptions(
                job(),
                run(),
                number,
                outcome,
                "all is well",
                modelVersion,
                null,
                null,
                trials,
                STARTED,
                ENDED,
                "Schedule",
                Map.of("mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567"),
                null,
                null);
    }

    /** Records it; what the step says is in {@link #said()}. */
    StepResult<Tracked> track(UnaryOperator<MlflowSettings> settings) throws IOException {
        said.reset();
        var workspace = Files.createTempDirectory(folder, "work");
        var progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (var store = ArtifactStore.open(StoreSettings.defaults())) {
            var context = new StepContext(
                    store, ArtifactUri.parse("file://" + store()), workspace, progress, (reason, message) -> {});
            return new TrackStep(options(), settings).run(context);
        } catch (StepFailure e) {
            return e.asResult(TrackStep.NAME);
        }
    }

    String said() {
        return said.toString(StandardCharsets.UTF_8);
    }
}
