package dev.tatara.steps.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.Tracked;
import dev.tatara.mlflow.Metric;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.mlflow.testing.MlflowServer;
import dev.tatara.steps.PackagedSteps;
import dev.tatara.steps.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real MLflow server, which {@code hack/tools mlflow} installs, read by MLflow's own client. */
class TrackIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static MlflowServer server;

    @TempDir
    private static Path shared;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Progress progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));

    @BeforeAll
    static void start() {
        server = MlflowServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static EndedRun run(String name) throws IOException {
        return new EndedRun(shared, name).server(server.uri());
    }

    private static Tracked tracked(EndedRun run) throws IOException {
        var result = run.track(UnaryOperator.identity());
        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        return result.details();
    }

    private static JsonNode read(String name) throws IOException {
        return JSON.readTree(server.python(Path.of("src/test/mlflow/read.py"), "exp-" + name, name));
    }

    @Test
    void everythingIsThereForMlflowsOwnClient() throws Exception {
        var tracked = tracked(run("all").everything().trials());

        assertThat(tracked.leftOut()).isEmpty();
        assertThat(tracked.trials()).isEqualTo(3);
        assertThat(tracked.artifacts()).isEqualTo(9);
        assertThat(tracked.registeredModel()).isEqualTo("all");
        assertThat(tracked.registeredVersion()).isEqualTo("1");
        assertThat(tracked.alias()).isEqualTo("staging");
        var found = read("all");
        var run = found.path("runs").path("all-3-1a2b3c4d");
        assertThat(run.path("id").asText()).isEqualTo(tracked.runId());
        assertThat(run.path("status").asText()).isEqualTo("FINISHED");
        assertThat(run.path("seconds").asDouble()).isEqualTo(420);
        theRunsNumbers(run);
        theRunsTags(run.path("tags"));
        theRunsData(run);
        theTrials(found.path("runs"), tracked.runId());
        var version = found.path("versions").path(0);
        assertThat(version.path("run_id").asText()).isEqualTo(tracked.runId());
        assertThat(version.path("tags").path("tatara.modelversion").asText()).isEqualTo("all-7");
        assertThat(found.path("aliases").path("staging").asText()).isEqualTo("1");

        var loaded = JSON.readTree(server.python(Path.of("src/test/mlflow/load.py"), "models:/all@staging"));
        assertThat(loaded.path("answer").toString()).isEqualTo("[1.0,2.0,3.0,4.0]");
        assertThat(loaded.path("inputs").toString()).isEqualTo("[\"x\"]");
    }

    private static void theRunsNumbers(JsonNode run) {
        assertThat(JSON.convertValue(run.path("params"), new TypeReference<Map<String, String>>() {}))
                .isEqualTo(Map.of(
                        "learningRate", "0.1",
                        "layers", "[64,32]",
                        "optimizer.name", "adam",
                        "optimizer.beta", "0.9",
                        "depth", "5"));
        assertThat(run.path("curve").path("loss").toString())
                .isEqualTo("[[1,1.0],[2,0.5],[3,0.3333333333333333],[4,0.25],[5,0.2]]");
        assertThat(run.path("metrics").path("auc").asDouble()).isCloseTo(0.91, within(1e-12));
        assertThat(run.path("curve").path("auc")).hasSize(6);
        assertThat(run.path("metrics").path("train.rows").asDouble()).isEqualTo(800);
        assertThat(run.path("metrics").path("test/accuracy").asDouble()).isEqualTo(0.9);
        assertThat(run.path("metrics").path("test/roc_auc").asDouble()).isEqualTo(0.93);
    }

    private static void theRunsTags(JsonNode tags) {
        assertThat(tags.path("tatara.run").asText()).isEqualTo("shop/all/3-1a2b3c4d");
        assertThat(tags.path("tatara.namespace").asText()).isEqualTo("shop");
        assertThat(tags.path("tatara.trainingjob").asText()).isEqualTo("all");
        assertThat(tags.path("tatara.number").asText()).isEqualTo("3");
        assertThat(tags.path("tatara.outcome").asText()).isEqualTo("Registered");
        assertThat(tags.path("tatara.trigger").asText()).isEqualTo("Schedule");
        assertThat(tags.path("tatara.modelversion").asText()).isEqualTo("all-7");
        assertThat(tags.path("tatara.image").asText()).isEqualTo("registry.example.com/churn:4");
        assertThat(tags.path("tatara.checks.failed").asText()).isEqualTo("1");
        assertThat(tags.path("tatara.gates.failed").asText()).isEqualTo("1");
        assertThat(tags.path("mlflow.source.git.commit").asText()).hasSize(40);
        assertThat(tags.path("mlflow.user").asText()).isEqualTo("team-growth");
        assertThat(tags.path("mlflow.note.content").asText()).contains("shop/all", "run 3", "all-7");
    }

    private static void theRunsData(JsonNode run) {
        assertThat(run.path("files").toString())
                .isEqualTo("[\"evaluation/card.html\",\"evaluation/metrics.json\",\"evaluation/profile.json\","
                        + "\"model/MLmodel\",\"model/model.onnx\",\"model/requirements.txt\","
                        + "\"training/metrics.json\",\"training/progress.jsonl\",\"validation/validation.html\"]");
        var contexts = new ArrayList<String>();
        run.path("inputs")
                .forEach(input -> contexts.add(input.path("name").asText() + " "
                        + input.path("context").asText()));
        assertThat(contexts)
                .containsExactlyInAnyOrder("all-train training", "all-test test", "user-activity-snapshot-12 features");
    }

    private static void theTrials(JsonNode runs, String parent) {
        assertThat(runs).hasSize(4);
        for (var number = 0; number < 3; number++) {
            var tags = runs.path("all-3-trial-" + number).path("tags");
            assertThat(tags.path("mlflow.parentRunId").asText()).isEqualTo(parent);
            assertThat(tags.path("tatara.trial").asText()).isEqualTo(Integer.toString(number));
        }
        var best = runs.path("all-3-trial-1");
        assertThat(best.path("status").asText()).isEqualTo("FINISHED");
        assertThat(best.path("params").path("depth").asText()).isEqualTo("5");
        assertThat(best.path("metrics").path("auc").asDouble()).isEqualTo(0.91);
        assertThat(best.path("curve").path("loss")).hasSize(3);
        assertThat(runs.path("all-3-trial-0").path("metrics").path("auc").asDouble())
                .isEqualTo(0.8);
        var failed = runs.path("all-3-trial-2");
        assertThat(failed.path("status").asText()).isEqualTo("FAILED");
        assertThat(failed.path("tags").path("tatara.message").asText()).isEqualTo("out of memory");
    }

    @Test
    void aRunThatFailedEarlyIsRecordedAsFarAsItWent() throws Exception {
        var tracked = tracked(run("early").outcome("Failed"));

        assertThat(tracked.registeredModel()).isNull();
        var run = read("early").path("runs").path("early-3-1a2b3c4d");
        assertThat(run.path("status").asText()).isEqualTo("FAILED");
        assertThat(run.path("params").path("learningRate").asText()).isEqualTo("0.1");
        assertThat(run.path("files")).isEmpty();
        tracked(run("stopped").outcome("Cancelled"));
        assertThat(read("stopped")
                        .path("runs")
                        .path("stopped-3-1a2b3c4d")
                        .path("status")
                        .asText())
                .isEqualTo("KILLED");
        var missed = tracked(run("missed").everything().outcome("GatesFailed"));
        assertThat(missed.registeredVersion()).isNull();
        assertThat(read("missed")
                        .path("runs")
                        .path("missed-3-1a2b3c4d")
                        .path("status")
                        .asText())
                .isEqualTo("FINISHED");
    }

    @Test
    void whatTheTrainerRecordedStays() throws Exception {
        var run = run("own").everything();
        var begun = begin(run).orElseThrow();
        try (var client = MlflowClient.open(MlflowSettings.of(server.uri()))) {
            client.log(
                    begun.runId(),
                    Map.of("learningRate", "0.10", "epochs", "5"),
                    List.of(new Metric("loss", 0.77, EndedRun.STARTED, 1)),
                    Map.of());
        }

        assertThat(tracked(run).runId()).isEqualTo(begun.runId());
        tracked(run);
        var found = read("own").path("runs").path("own-3-1a2b3c4d");
        assertThat(found.path("params").path("learningRate").asText()).isEqualTo("0.10");
        assertThat(found.path("params").path("epochs").asText()).isEqualTo("5");
        assertThat(found.path("params").path("layers").asText()).isEqualTo("[64,32]");
        assertThat(found.path("curve").path("loss").toString()).isEqualTo("[[1,0.77]]");
        assertThat(found.path("curve").path("auc")).hasSize(6);
    }

    @Test
    void anOlderRunDoesNotTakeTheAliasBack() throws Exception {
        assertThat(tracked(run("late").number(4).everything()).alias()).isEqualTo("staging");
        var older = tracked(run("late").number(3).everything());

        assertThat(older.registeredVersion()).isEqualTo("2");
        assertThat(older.alias()).isNull();
        assertThat(older.leftOut()).singleElement().asString().contains("stays with version 1");
        assertThat(tracked(run("late").number(5).everything()).alias()).isEqualTo("staging");
        assertThat(read("late").path("aliases").path("staging").asText()).isEqualTo("3");
    }

    @Test
    void aServerThatTakesNoFilesIsToldWhereTheyAre() throws Exception {
        try (var other = MlflowServer.startWithArtifactsAt("s3://elsewhere/mlflow")) {
            var run = new EndedRun(shared, "files").server(other.uri()).everything();
            var tracked = tracked(run);

            assertThat(tracked.artifacts()).isZero();
            assertThat(tracked.leftOut()).anySatisfy(words -> assertThat(words)
                    .contains("files: this server doesn't take them itself (its runs' files lie at s3://elsewhere)"));
        }
    }

    @Test
    void mlflowAwayIsWaitedForAndThenSaid() throws Exception {
        var other = MlflowServer.start();
        try {
            var run = new EndedRun(shared, "away").server(other.uri()).everything();
            other.stop();

            var failed = run.track(settings -> settings.withRetries(2, Duration.ofMillis(10), Duration.ofMillis(10)));
            assertThat(failed.outcome()).isEqualTo(Outcome.Failed);
            assertThat(failed.reason()).isEqualTo("MlflowUnavailable");
            assertThat(failed.message()).contains(other.uri(), "the connection was refused");

            other.restart();
            assertThat(tracked(run).registeredVersion()).isEqualTo("1");
        } finally {
            other.close();
        }
    }

    @Test
    void theCommandDoesItInAProcessThatIsKilled() throws Exception {
        var run = run("command").everything();
        var steps = new PackagedSteps(Files.createDirectories(shared.resolve("command-process")));
        var arguments = List.of(
                "track",
                "--job",
                run.job().toString(),
                "--run",
                "file://" + run.store() + "/" + run.run(),
                "--number",
                "3",
                "--outcome",
                "Registered",
                "--model-version",
                "command-7",
                "--started",
                EndedRun.STARTED.toString(),
                "--tag",
                "team=growth",
                "--store",
                "file://" + run.store(),
                "--result-key",
                run.run() + "/track/result.json");
        var killed = steps.start(arguments);
        while (killed.isAlive() && !steps.output().contains("recording as run")) {
            Thread.onSpinWait();
        }
        killed.destroyForcibly().waitFor();

        var ended = steps.run(arguments);

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        StepResult<Tracked> result = StepResultCodec.fromJson(ended.terminationMessage(), Tracked.class);
        assertThat(result.details().registeredVersion()).isEqualTo("1");
        var runs = read("command").path("runs");
        assertThat(runs).hasSize(1);
        assertThat(runs.path("command-3-1a2b3c4d").path("tags").path("team").asText())
                .isEqualTo("growth");
        assertThat(steps.run(arguments).output()).contains("found the result of an earlier run");
    }

    private Optional<Tracking.Begun> begin(EndedRun run) throws IOException {
        return Tracking.begin(run.job(), run.run(), Optional.empty(), Duration.ofSeconds(60), progress);
    }

    @Test
    void aRunIsBegunOnce() throws Exception {
        var run = run("begun");

        var first = begin(run).orElseThrow();
        assertThat(begin(run)).contains(first);
        assertThat(Tracking.begin(
                        run.job(),
                        "s3://bucket/x/" + run.run() + "/",
                        Optional.empty(),
                        Duration.ofSeconds(60),
                        progress))
                .as("the same folder, as an address")
                .contains(first);
        assertThat(tracked(run.everything()).runId()).isEqualTo(first.runId());
        assertThat(tracked(run.everything()).experimentId()).isEqualTo(first.experimentId());
    }

    @Test
    void aRunIsBegunLaterWhereMlflowIsAway() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var run = run("silent").server("http://127.0.0.1:" + silent.getLocalPort());
            var started = System.nanoTime();
            assertThat(Tracking.begin(run.job(), run.run(), Optional.empty(), Duration.ofSeconds(1), progress))
                    .isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
            assertThat(said.toString(StandardCharsets.UTF_8)).contains("MLflow didn't answer within 1 s");
        }
        assertThat(begin(run("refused").server("http://127.0.0.1:1"))).isEmpty();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("the connection was refused");
        assertThat(begin(run("nonsense").server("mlflow"))).isEmpty();
    }

    @Test
    void nothingIsBegunWhereNobodyAsks() throws Exception {
        var job = Files.writeString(
                shared.resolve("untracked.yaml"),
                "kind: TrainingJob\nmetadata: {name: x}\nspec: {model: x, trainer: {image: y}}\n");

        assertThat(Tracking.begin(job, "runs/default/x/1-1a2b3c4d", Optional.empty(), Duration.ofSeconds(5), progress))
                .isEmpty();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
