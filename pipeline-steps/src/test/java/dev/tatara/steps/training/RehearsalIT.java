package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/reference/steps.md, "A run by hand", as they stand there. */
class RehearsalIT {
    @TempDir
    private Path folder;

    /** Flowers, and a trainer that knows them already. */
    private void prepare() throws Exception {
        var flowers = Files.readAllLines(Bench.model().resolveSibling("iris.csv"));
        var labels = new ArrayList<>(List.of("flower_id,event_timestamp,target"));
        var measurements =
                new ArrayList<>(List.of("flower_id,measured_at,sepal_length,sepal_width,petal_length,petal_width"));
        for (var i = 1; i < flowers.size(); i++) {
            var cells = flowers.get(i).split(",", -1);
            labels.add("%d,2026-01-%02dT12:00:00Z,%s".formatted(i, 1 + i % 28, cells[5]));
            measurements.add("%d,2026-01-%02dT06:00:00Z,%s"
                    .formatted(i, 1 + i % 28, String.join(",", List.of(cells).subList(0, 4))));
        }
        Files.write(folder.resolve("labels.csv"), labels);
        Files.write(folder.resolve("measurements.csv"), measurements);
        var trainer = Files.writeString(folder.resolve("train"), """
                #!/bin/sh
                set -eu
                test "$(head -n 1 "$1/train.csv")" = \\
                  flower_id,event_timestamp,target,sepal_length,sepal_width,petal_length,petal_width
                test -s "$1/validation.csv"
                grep -q '"depth" : 4' hyperparameters.json
                for step in 1 2 3; do echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step))}" >> "$2/progress.jsonl"; done
                echo '{"accuracy": 0.95}' > "$2/metrics.json"
                cp '%s' "$2/model.onnx"
                """.formatted(Bench.model()));
        assertThat(trainer.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theCommandsOfThePageMakeAJudgedModel() throws Exception {
        prepare();
        var said = Page.run("A run by hand", folder);

        var run = folder.resolve("store/runs/default/flowers/1");
        for (var file : List.of(
                "validate/validation.html",
                "dataset/train.parquet",
                "dataset/test.parquet",
                "model.onnx",
                "metrics.json",
                "progress.jsonl",
                "train/result.json",
                "evaluate/metrics.json",
                "evaluate/profile.json")) {
            assertThat(run.resolve(file)).exists();
        }
        var result = StepResultCodec.fromJson(Files.readString(run.resolve("evaluate/result.json")), Evaluated.class);
        assertThat(result.details().metrics().get("accuracy")).isGreaterThan(0.8);
        assertThat(Files.readString(run.resolve("evaluate/card.html")))
                .contains("<h2>Training</h2>", "<title>loss</title>");
        assertThat(said).contains("its gate holds", "fetching", "a model of");
    }
}
