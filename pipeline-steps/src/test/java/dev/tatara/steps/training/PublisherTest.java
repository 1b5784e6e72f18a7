package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.Digested;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ForwardingFolder;
import dev.tatara.steps.MortalFolder;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.training.Publisher.PublishOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
    private static final String RUN = "runs/ml/churn/1";

    @TempDir
    Path folder;

    private Bench bench;
    private Path output;

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder);
        output = Files.createDirectory(folder.resolve("output"));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void write(String name, String text) throws IOException {
        var file = output.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void writeAll() throws IOException {
        Files.copy(Bench.model(), output.resolve("model.onnx"));
        write("metrics.json", "{\"loss\": 0.25, \"spread\": NaN, \"accuracy\": 0.9}");
        write("progress.jsonl", "{\"step\": 1, \"loss\": 0.5}\n{\"step\": 2, \"loss\": 0.25}\n");
        write("artifacts/importance.csv", "a,1\n");
        write("artifacts/plots/loss.svg", "<svg/>");
        write("checkpoint.bin", "not kept");
    }

    private Publisher publisher() {
        return publisher(output, RUN);
    }

    private Publisher publisher(Path from, String to) {
        var given = folder.resolve("hyperparameters.json");
        return new Publisher(new PublishOptions(from, to, given, "accuracy", false, 1 << 20, 100, 1 << 20));
    }

    private StepResult<Published> publish() throws IOException {
        return bench.run(publisher());
    }

    @Test
    void allThatHasAMeaningIsKept() throws Exception {
        writeAll();
        var result = publish();

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(bench.contents(RUN))
                .containsOnlyKeys(
                        "model.onnx",
                        "metrics.json",
                        "progress.jsonl",
                        "artifacts/importance.csv",
                        "artifacts/plots/loss.svg");
        var published = result.details();
        var model = Sha256.of(Bench.model());
        assertThat(published.model().sha256()).isEqualTo(model.sha256());
        assertThat(published.model().sizeBytes()).isEqualTo(model.sizeBytes());
        assertThat(published.model().uri())
                .isEqualTo(bench.root.resolve(RUN + "/model.onnx").toUri().toString());
        assertThat(published.metrics()).isEqualTo(Map.of("loss", 0.25, "accuracy", 0.9));
        assertThat(published.metrics().keySet()).first().isEqualTo("accuracy");
        assertThat(published.metricsDropped()).containsExactly("spread");
        assertThat(published.artifacts().count()).isEqualTo(2);
        assertThat(published.artifacts().bytes()).isEqualTo(10);
        assertThat(published.progress()).isNotNull();
        assertThat(result.message()).contains("2 metrics", "2 other files", "no finite numbers: spread");
        assertThat(bench.said()).contains("not kept: checkpoint.bin");
        assertThat(publisher().stillHolds(result, bench.context())).isTrue();
        Files.delete(bench.root.resolve(RUN + "/artifacts/plots/loss.svg"));
        assertThat(publisher().stillHolds(result, bench.context())).isFalse();
    }

    @Test
    void aModelAloneIsEnough() throws Exception {
        Files.copy(Bench.model(), output.resolve("model.onnx"));
        var result = publish();

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(bench.contents(RUN)).containsOnlyKeys("model.onnx");
        assertThat(result.details().progress()).isNull();
        assertThat(result.details().artifacts().count()).isZero();
    }

    @Test
    void whatTheTrainerWasGivenIsKeptToo() throws Exception {
        writeAll();
        Files.writeString(folder.resolve("hyperparameters.json"), "{}");
        publish();

        assertThat(bench.contents(RUN)).containsKey("hyperparameters.json");
    }

    @Test
    void killedAnywhereItEndsAsIfUndisturbed() throws Exception {
        writeAll();
        var expected = publish();
        var contents = bench.contents(RUN);
        var deaths = 0;
        for (var after : List.of(false, true)) {
            for (var writes = 0; ; writes++) {
                var other = RUN + "-killed-" + after + writes;
                // An attempt of another trainer was there before.
                var stale = bench.root.resolve(other + "/artifacts/old.txt");
                Files.createDirectories(stale.getParent());
                Files.writeString(stale, "old");
                var run = bench.runFolder(other);
                var mortal = new MortalFolder(run, writes, after);
                var killed = MortalFolder.kills(() -> publisher().run(mortal, folder, bench.progress()));
                var result = publisher().run(run, folder, bench.progress());

                assertThat(bench.contents(other))
                        .as("killed at write %d", writes)
                        .isEqualTo(contents);
                assertThat(result.details().model().sha256())
                        .isEqualTo(expected.details().model().sha256());
                assertThat(result.details().metrics())
                        .isEqualTo(expected.details().metrics());
                if (!killed) {
                    break;
                }
                deaths++;
            }
        }
        assertThat(deaths)
                .as("five files, one that isn't there and one that goes, before and after")
                .isEqualTo(14);
    }

    @Test
    void whatAnEarlierAttemptLeftGoes() throws Exception {
        writeAll();
        publish();
        for (var name : List.of("metrics.json", "progress.jsonl", "artifacts/importance.csv")) {
            Files.delete(output.resolve(name));
        }
        publish();

        assertThat(bench.contents(RUN)).containsOnlyKeys("model.onnx", "artifacts/plots/loss.svg");
    }

    @Test
    void outsideTheStoreNothingIsRemoved() throws Exception {
        writeAll();
        var mine = Files.createDirectories(folder.resolve("mine/artifacts"));
        Files.writeString(mine.resolve("thesis.txt"), "years of work");
        Files.delete(output.resolve("metrics.json"));
        Files.writeString(folder.resolve("mine/metrics.json"), "{}");
        bench.run(publisher(output, folder.resolve("mine").toUri().toString()));

        assertThat(mine.resolve("thesis.txt")).exists();
        assertThat(folder.resolve("mine/metrics.json")).exists();
        assertThat(mine.resolve("importance.csv")).exists();
    }

    private void isRejected(String reason, String... words) throws IOException {
        var result = publish();
        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo(reason);
        assertThat(result.message()).contains(words);
        if (!reason.equals("MetricsMalformed")) {
            assertThat(result.details().model()).isNull();
            assertThat(bench.contents(RUN)).doesNotContainKey("model.onnx");
        }
    }

    @Test
    void whatIsThereInsteadOfAModelIsSaid() throws Exception {
        isRejected("ModelMissing", output + "/model.onnx", "the output folder is empty");
        write("metrics.json", "{\"accuracy\": 0.9}");
        isRejected("ModelMissing", "only metrics.json", "export the model to ONNX");
        assertThat(bench.contents(RUN)).containsOnlyKeys("metrics.json");
        write("model.pkl", "\u0080\u0004");
        isRejected("ModelMissing", "only model.pkl, metrics.json", "skl2onnx");
        write("nested/churn.onnx", "model");
        isRejected("ModelMissing", "only nested/churn.onnx, model.pkl", "write the model as model.onnx");
        Files.createDirectory(output.resolve("model.onnx"));
        isRejected("ModelMissing", "a folder of that name");
    }

    @Test
    void aModelWithoutTheRightBytesIsRefused() throws Exception {
        write("model.onnx", "");
        isRejected("EmptyModel", "is empty");
        write("model.onnx", "x".repeat((1 << 20) + 1));
        isRejected("ModelTooLarge", "--max-model-size");
        Files.write(output.resolve("model.onnx"), new byte[] {(byte) 0x80, 4, (byte) 0x95, 0, 0});
        isRejected("NotOnnx", "a Python pickle", "skl2onnx");
        Files.write(output.resolve("model.onnx"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        isRejected("NotOnnx", "export the model to ONNX");
        var whole = Files.readAllBytes(Bench.model());
        Files.write(output.resolve("model.onnx"), Arrays.copyOf(whole, whole.length / 2));
        isRejected("CorruptModel", "before it has written all of it");
    }

    @Test
    void weightsInASecondFileAreRefused() throws Exception {
        writeAll();
        write("model.onnx.data", "weights");
        assertThat(publish().outcome()).as("the model doesn't name it").isEqualTo(Outcome.Succeeded);

        // As doc_string, because here it matters only that the entry is there.
        var entry = "\n\u0008location\u0012\u000fmodel.onnx.data";
        Files.writeString(
                output.resolve("model.onnx"),
                "2" + (char) entry.length() + entry,
                StandardCharsets.ISO_8859_1,
                StandardOpenOption.APPEND);
        isRejected("UnsupportedModel", "in a second file, model.onnx.data", "external_data=False");
    }

    @Test
    void linksOutOfTheOutputLeadNowhere() throws Exception {
        var secret = Files.createDirectory(folder.resolve("secret"));
        Files.copy(Bench.model(), secret.resolve("model.onnx"));
        Files.writeString(secret.resolve("key"), "{\"password\": 1}");
        Files.createSymbolicLink(output.resolve("model.onnx"), secret.resolve("model.onnx"));
        Files.createSymbolicLink(output.resolve("metrics.json"), secret.resolve("key"));
        Files.createSymbolicLink(output.resolve("progress.jsonl"), secret.resolve("key"));
        Files.createSymbolicLink(output.resolve("artifacts"), secret);
        isRejected("ModelMissing", "a link that leads nowhere, or out of the output folder");
        assertThat(bench.contents(RUN)).isEmpty();

        Files.delete(output.resolve("model.onnx"));
        Files.createDirectory(output.resolve("best"));
        Files.copy(Bench.model(), output.resolve("best/model.onnx"));
        Files.createSymbolicLink(output.resolve("model.onnx"), Path.of("best/model.onnx"));
        assertThat(publish().outcome()).as("a link within the output").isEqualTo(Outcome.Succeeded);
        assertThat(bench.contents(RUN)).containsOnlyKeys("model.onnx");
    }

    @Test
    void malformedMetricsAreRefusedButNothingIsLost() throws Exception {
        writeAll();
        write("metrics.json", "accuracy=0.93");
        isRejected("MetricsMalformed", "expected a JSON object", "The model is kept at ");
        assertThat(bench.contents(RUN)).containsKeys("model.onnx", "metrics.json", "artifacts/importance.csv");
        write("metrics.json", "x".repeat(2 << 20));
        isRejected("MetricsMalformed", "found 2.1 MB");
    }

    @Test
    void ofVeryManyLinesTheLastAreKept() throws Exception {
        writeAll();
        var line = "{\"step\": %7d, \"loss\": 0.5}%n";
        var text = new StringBuilder();
        var lines = (int) (TrainingProgress.MOST_BYTES / line.formatted(0).length()) + 1000;
        for (var i = 0; i < lines; i++) {
            text.append(line.formatted(i));
        }
        write("progress.jsonl", text.toString());
        publish();

        var kept = Files.readAllLines(bench.root.resolve(RUN + "/progress.jsonl"));
        assertThat(kept).hasSizeBetween(lines - 1010, lines - 1000);
        assertThat(kept.getFirst()).startsWith("{\"step\"");
        assertThat(kept.getLast()).contains(String.valueOf(lines - 1));
    }

    @Test
    void bytesThatTheStoreChangedAreNoticed() throws Exception {
        writeAll();
        var run = bench.runFolder(RUN);
        var damaged = new ForwardingFolder(run) {
            @Override
            public Digested digest(String name) {
                return new Digested("0".repeat(64), 1);
            }
        };
        assertThatThrownBy(() -> publisher().run(damaged, folder, bench.progress()))
                .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                        .isEqualTo("StoreDamaged"))
                .hasMessageContaining("model.onnx");
    }

    @Test
    void withoutAnOutputFolderTheStepFails() throws Exception {
        var result = bench.run(publisher(folder.resolve("nowhere"), RUN));
        assertThat(result.outcome()).isEqualTo(Outcome.Failed);
        assertThat(result.reason()).isEqualTo("SourceNotFound");
    }
}
