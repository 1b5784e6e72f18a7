package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.steps.training.TrainingProgress.Point;
import dev.tatara.steps.training.TrainingProgress.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingProgressTest {
    @TempDir
    Path folder;

    private TrainingProgress read(List<String> lines) throws Exception {
        return TrainingProgress.read(Files.write(folder.resolve("progress.jsonl"), lines));
    }

    @Test
    void eachNumberIsAPointOfItsSeries() throws Exception {
        var progress = read(List.of(
                "{\"step\": 10, \"epoch\": 1, \"loss\": 0.5, \"progress\": 0.5}",
                "{\"epoch\": 2, \"accuracy\": 0.9}",
                "",
                "{\"loss\": 0.25, \"note\": \"slow\"}"));

        assertThat(progress.series())
                .containsExactly(
                        new Series("loss", List.of(new Point(10, 0.5), new Point(3, 0.25))),
                        new Series("accuracy", List.of(new Point(2, 0.9))));
        assertThat(progress.linesPassedOver()).isZero();
    }

    @Test
    void whatIsNoFiniteNumberIsPassedOver() throws Exception {
        var progress = read(List.of(
                "loss=0.5",
                "[1]",
                "{\"loss\": NaN}",
                "{\"loss\": -Infinity}",
                "{\"loss\":",
                "{\"loss\": 1e999}",
                "null"));

        assertThat(progress.series()).isEmpty();
        assertThat(progress.linesPassedOver()).isEqualTo(4);
    }

    @Test
    void longSeriesAreThinnedEvenlyAndKeepTheirLastPoint() throws Exception {
        var lines = new ArrayList<String>();
        for (var i = 0; i < 100_000; i++) {
            lines.add("{\"step\": " + i + ", \"loss\": " + 1.0 / (i + 1) + "}");
        }
        var points = read(lines).series().getFirst().points();

        assertThat(points).hasSizeBetween(500, TrainingProgress.MOST_POINTS);
        assertThat(points.getFirst()).isEqualTo(new Point(0, 1));
        assertThat(points.getLast().step()).isEqualTo(99_999);
        assertThat(points.get(1).step())
                .isEqualTo(points.get(2).step() - points.get(1).step());
    }

    @Test
    void thereAreNotEndlesslyManySeries() throws Exception {
        var lines = new ArrayList<String>();
        for (var i = 0; i < 1000; i++) {
            lines.add("{\"m" + i + "\": 1}");
        }
        assertThat(read(lines).series()).hasSize(TrainingProgress.MOST_SERIES);
    }
}
