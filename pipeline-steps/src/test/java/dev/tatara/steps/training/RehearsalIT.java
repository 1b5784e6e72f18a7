package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.StepResultCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/reference/steps.md, "A run by hand", as they stand there. */
class RehearsalIT {
    private static final Path PAGE = Path.of("..", "docs", "reference", "steps.md");
    private static final Path APP = Path.of("target", "app");

    @TempDir
    private Path folder;

    /** What stands in blocks of shell commands below a heading. */
    private static String commands(String heading) throws Exception {
        var commands = new ArrayList<String>();
        var isSection = false;
        var isBlock = false;
        for (var line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                isSection = line.equals("## " + heading);
            } else if (isSection && line.equals("```sh")) {
                isBlock = true;
            } else if (line.equals("```")) {
                isBlock = false;
            } else if (isBlock) {
                commands.add(line);
            }
        }
        assertThat(commands).as("commands below " + heading).isNotEmpty();
        return String.join("\n", commands);
    }

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
        var bin = Files.createDirectory(folder.resolve("bin"));
        var launcher = Files.writeString(
                bin.resolve("tatara-steps"),
                "#!/bin/sh\nexec sh '" + APP.resolve("tatara-steps").toAbsolutePath() + "' \"$@\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theCommandsOfThePageMakeAJudgedModel() throws Exception {
        prepare();
        var script = Files.writeString(folder.resolve("script"), "set -euo pipefail\n" + commands("A run by hand"));
        var said = folder.resolve("said");
        var builder = new ProcessBuilder("bash", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("TATARA_"));
        var process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();

        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
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
        assertThat(Files.readString(said)).contains("its gate holds", "fetching", "a model of");
    }
}
