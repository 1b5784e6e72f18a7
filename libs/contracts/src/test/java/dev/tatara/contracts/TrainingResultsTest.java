package dev.tatara.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.CheckVerdict.OnFailure;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.Published.Artifacts;
import dev.tatara.contracts.Published.StoredFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingResultsTest {
    private static final String SHA = "0".repeat(64);
    private static final int TERMINATION_MESSAGE = 4096;

    @Test
    void whatIsWrittenIsReadBack() {
        var validated = new Validated(
                3, List.of(check(1, Verdict.Passed)), false, new Validated.Report("file:///a", SHA), "run", "7");
        var published = published(Map.of("loss", 0.5), List.of("spread"));

        assertThat(readBack(validated, Validated.class)).isEqualTo(validated);
        assertThat(readBack(published, Published.class)).isEqualTo(published);
        assertThat(StepResultCodec.toJson(StepResult.succeeded("validate", "", validated)))
                .contains("\"report\":{\"uri\":\"file:///a\",\"sha256\":\"" + SHA + "\"}")
                .contains("\"mlflowRunId\":\"run\",\"mlflowExperimentId\":\"7\"");
    }

    @Test
    void verdictsThatAreNotGoodAreLeftOutLast() {
        var checks = new ArrayList<CheckVerdict>();
        for (var i = 0; i < 128; i++) {
            checks.add(check(i, i == 100 ? Verdict.Failed : Verdict.Passed));
        }
        var fits = cut(new Validated(9, checks, false, null, null, null), Validated.class, Validated::shorter);

        assertThat(fits.checksTruncated()).isTrue();
        assertThat(fits.checks()).containsExactly(checks.get(100));
        assertThat(new Validated(9, List.of(), false, null, null, null).shorter())
                .isEmpty();
    }

    @Test
    void theFirstMetricIsLeftOutLast() {
        var metrics = new LinkedHashMap<String, Double>();
        metrics.put("accuracy", 0.9);
        for (var i = 0; i < 1000; i++) {
            metrics.put("a_metric_with_a_rather_long_name_" + i, i / 3.0);
        }
        var fits = cut(published(metrics, List.of("x", "y")), Published.class, Published::shorter);

        assertThat(fits.truncated()).isTrue();
        assertThat(fits.metrics()).containsEntry("accuracy", 0.9).hasSizeBetween(10, 100);
        assertThat(fits.metricsDropped()).isEmpty();
        assertThat(fits.model()).isEqualTo(published(metrics, List.of()).model());

        var one = published(Map.of("accuracy", 0.9), List.of()).shorter();
        assertThat(one).isPresent();
        assertThat(one.get().metrics()).isEmpty();
        assertThat(one.get().shorter()).isEmpty();
    }

    @Test
    void namesThatAVersionIsRegisteredWithAreLeftOutLast() {
        var names = IntStream.range(0, 120).mapToObj(i -> "a_feature_" + i).toList();
        var good = cut(evaluated(names, 0), Evaluated.class, Evaluated::shorter);

        assertThat(good.truncated()).isTrue();
        assertThat(good.inputs()).containsExactly(new Evaluated.Input("features", names));
        assertThat(good.classes()).containsExactly("no", "yes");
        assertThat(good.metrics()).containsEntry("accuracy", 0.9).hasSizeGreaterThan(1);
        assertThat(good.gates()).isEmpty();

        var refused = cut(evaluated(names, 1), Evaluated.class, Evaluated::shorter);
        assertThat(refused.inputs()).isEmpty();
        assertThat(refused.gates()).hasSize(1);
        assertThat(refused.metrics().size()).isGreaterThan(good.metrics().size());

        var tooMany = IntStream.range(0, 1000).mapToObj(i -> "a_feature_" + i).toList();
        var wide = cut(evaluated(tooMany, 0), Evaluated.class, Evaluated::shorter);
        assertThat(wide.inputs()).isEmpty();
        assertThat(wide.metrics()).isEqualTo(refused.metrics());
    }

    private static Evaluated evaluated(List<String> features, int gatesFailed) {
        var metrics = new LinkedHashMap<String, Double>();
        metrics.put("accuracy", 0.9);
        for (var i = 0; i < 60; i++) {
            metrics.put("metric_" + i, i / 3.0);
        }
        var gate = new GateVerdict("accuracy >= 0.8", "accuracy", null, 0.9, 0.8, null, gatesFailed == 0, null, null);
        var file = new Evaluated.Artifact("s3://bucket/runs/ml/churn/1/evaluate/metrics.json", SHA);
        return new Evaluated(
                "Classification",
                60,
                SHA,
                SHA,
                metrics,
                Map.of("log_loss", "the model answers no probabilities"),
                List.of(gate),
                gatesFailed,
                List.of(new Evaluated.Input("features", features)),
                List.of("no", "yes"),
                file,
                file,
                file,
                false);
    }

    private static <D> D cut(D details, Class<D> type, Function<D, Optional<D>> shorter) {
        var current = details;
        while (StepResultCodec.toJson(StepResult.succeeded("step", "", current)).length() > TERMINATION_MESSAGE) {
            current = shorter.apply(current).orElseThrow();
        }
        assertThat(readBack(current, type)).isEqualTo(current);
        return current;
    }

    private static <D> D readBack(D details, Class<D> type) {
        var json = StepResultCodec.toJson(StepResult.succeeded("step", "", details));
        return StepResultCodec.fromJson(json, type).details();
    }

    private static CheckVerdict check(int number, Verdict verdict) {
        return new CheckVerdict("NullRatio", "column_number_" + number, 0.25, 0.05, verdict, 7L, OnFailure.Block);
    }

    private static Published published(Map<String, Double> metrics, List<String> dropped) {
        return new Published(
                new StoredFile("s3://bucket/runs/ml/churn/1/model.onnx", SHA, 812),
                metrics,
                dropped,
                new Artifacts("s3://bucket/runs/ml/churn/1/artifacts", 2, 34, 1),
                null,
                false);
    }
}
