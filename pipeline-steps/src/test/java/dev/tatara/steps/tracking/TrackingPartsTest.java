package dev.tatara.steps.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.contracts.Published;
import dev.tatara.mlflow.Metric;
import dev.tatara.mlflow.RunStatus;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.training.TrainingProgress;
import dev.tatara.steps.training.TrainingProgress.Point;
import dev.tatara.steps.training.TrainingProgress.Series;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrackingPartsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "runs/ml/churn/3-1a2b3c4d,                  ml/churn/3-1a2b3c4d",
        "runs/ml/churn/3-1a2b3c4d/,                 ml/churn/3-1a2b3c4d",
        "s3://b/prefix/runs/ml/churn/3-1a2b3c4d,    ml/churn/3-1a2b3c4d",
        "file:///tmp/my run,                        file:///tmp/my run",
        "runs/ml/churn,                             runs/ml/churn",
    })
    void aRunIsCalledAsItsFolder(String folder, String identity) {
        assertThat(RunFolder.identity(folder)).isEqualTo(identity);
    }

    @Test
    void hyperparametersAreFlattened() throws IOException {
        var given = JSON.readTree("""
                {"a": 1, "b": {"c": "x", "d": {"e": null}}, "f": [1, {"g": 2}], "h": {}, "i@j": true,
                 "long": "%s"}""".formatted("x".repeat(7000)));

        var params = Flattened.of(given);

        assertThat(params)
                .containsEntry("a", "1")
                .containsEntry("b.c", "x")
                .containsEntry("b.d.e", "null")
                .containsEntry("f", "[1,{\"g\":2}]")
                .containsEntry("h", "{}")
                .containsEntry("i_j", "true");
        assertThat(params.get("long")).hasSize(6000).endsWith("…");
        assertThat(Flattened.of(null)).isEmpty();
    }

    @Test
    void theLastValueEndsTheCurve() {
        var curve = new TrainingProgress(
                List.of(
                        new Series("loss", List.of(new Point(1, 0.5), new Point(2, 0.25))),
                        new Series("trainers", List.of(new Point(1, 9)))),
                0);
        var measured = new LinkedHashMap<String, Double>();
        measured.put("loss", 0.24);
        measured.put("auc", 0.9);
        var published =
                new Published(null, measured, List.of(), new Published.Artifacts("file:///x", 0, 0, 0), null, false);

        var metrics = new Curves(START, Set.of("trainers"))
                .trainer(Optional.of(curve), Optional.of(published))
                .value("auc", 0.8)
                .value("rows", 10.0)
                .metrics();

        assertThat(metrics)
                .containsExactly(
                        new Metric("loss", 0.5, START, 1),
                        new Metric("loss", 0.25, START.plusMillis(1), 2),
                        new Metric("loss", 0.24, START.plusMillis(2), 2),
                        new Metric("auc", 0.9, START, 0),
                        new Metric("rows", 10.0, START, 0));
    }

    @Test
    void trialsAreReadAndRanked() throws Exception {
        var json = """
                [{"trial": 0, "parameters": {"x": 1}, "state": "Succeeded", "value": 0.3},
                 {"number": 1, "parameters": {"x": 2}, "phase": "Stopped", "value": 0.1, "message": "median"},
                 {"trial": 2, "state": "Failed"},
                 {"trial": 3, "state": "Succeeded", "value": 0.2}]""";
        var plain = Files.writeString(folder.resolve("trials.json"), json);
        var gzipped = folder.resolve("trials.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
            out.write(json.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(Trial.read(gzipped)).isEqualTo(Trial.read(plain));

        var ranked = Trial.ranked(Trial.read(plain), sweep("Minimize"));

        assertThat(ranked).extracting(Trial::number).containsExactly(1L, 3L, 0L, 2L);
        assertThat(ranked)
                .extracting(Trial::status)
                .containsExactly(RunStatus.KILLED, RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.FAILED);
        assertThat(Trial.best(ranked).orElseThrow().number())
                .as("the best that ended well")
                .isEqualTo(3);
        assertThat(Trial.ranked(ranked, sweep("Maximize")))
                .extracting(Trial::number)
                .containsExactly(0L, 3L, 1L, 2L);
    }

    private static Sweep sweep(String goal) {
        return JSON.convertValue(Map.of("trials", 3, "objective", Map.of("metric", "loss", "goal", goal)), Sweep.class);
    }

    @Test
    void aFileThatHoldsNoTrials() throws IOException {
        for (var text : List.of("{}", "7", "[{\"value\": 1}]", "[")) {
            var file = Files.writeString(folder.resolve("wrong.json"), text);
            assertThatThrownBy(() -> Trial.read(file))
                    .isInstanceOf(StepFailure.class)
                    .hasMessageContaining("--trials");
        }
    }
}
