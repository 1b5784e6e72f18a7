package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.steps.drift.PerformanceJudge.Found;
import dev.tatara.steps.feedback.PodFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PerformanceJudgeTest {
    @TempDir
    Path folder;

    private Workplace workplace;

    @BeforeEach
    void prepare() {
        workplace = new Workplace(folder);
    }

    private Found judge(String performance) throws Exception {
        var plan = workplace.plan("performance: [" + performance + "]");
        var options = workplace.options(folder.resolve("policy.yaml"));
        return new PerformanceJudge(plan, options, workplace.files, workplace.context()).judge();
    }

    /** A hundred predictions at 10 a.m.; every fourth is of class 1, with probability 0.8. */
    private void hundredPredictions() throws Exception {
        workplace.ledger("10", "churn-a-0123456789ab-0", """
                select 36000 + i as second, 'r' || (i // 2) as request_id, (i % 2)::int as "row",
                       case when i % 4 = 0 then '1' else '0' end as prediction, 0.8::double as score
                from range(100) t(i)""");
    }

    /** Labels that agree but for {@code wrong} of them, given to pods of another revision. */
    private void labels(int count, int wrong, String zero, String one) throws Exception {
        var lines = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var isOne = (i % 4 == 0) != (i < wrong);
            lines.add(PodFiles.said("r" + i / 2, i % 2, isOne ? one : zero, "2026-11-21T11:00:00.123456789Z"));
        }
        workplace.feedback("anotherone", "11", "churn-b-0123456789ab-0", lines);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.0, 1.0", "false, true", "stays, leaves"})
    void labelsMatchInWhicheverFormTheyCome(String zero, String one) throws Exception {
        hundredPredictions();
        labels(100, 8, zero, one);
        workplace.classes("stays", "leaves");

        var found = judge("{metric: accuracy, min: 0.95}, {metric: recall, min: 0.5}, {metric: roc_auc, min: 0.5}");

        var isTruth = zero.equals("false");
        assertThat(found.metrics().getFirst().value()).isEqualTo(0.92);
        assertThat(found.metrics().getFirst().samples()).isEqualTo(100);
        assertThat(found.metrics().getFirst().breached()).isTrue();
        assertThat(found.metrics().get(1).value()).isCloseTo(23.0 / (23 + 6), within(1e-12));
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Breached);
        assertThat(found.verdict().reason())
                .isEqualTo("accuracy 0.920 of 100 predictions with a label, expected at least 0.950");
        assertThat(found.metrics().getFirst().note()).as("%s", isTruth).isNull();
    }

    @Test
    void theLabelThatCameLastWins() throws Exception {
        hundredPredictions();
        labels(100, 0, "0", "1");
        workplace.feedback(
                Pods.REVISION,
                "11",
                "churn-a-0123456789ab-0",
                List.of(
                        PodFiles.said("r0", 0, "0", "2026-11-21T11:00:00.2Z"),
                        PodFiles.said("r0", 0, "1", "2026-11-21T10:59:59Z"),
                        PodFiles.said("r0", 1, null, "2026-11-21T11:00:01Z"),
                        PodFiles.said("r1", 0, "1", "2026-11-21T12:00:00.5Z"),
                        PodFiles.said("nobody", 0, "1", "2026-11-21T11:00:00Z")));

        var found = judge("{metric: accuracy, min: 0.9}");
        assertThat(found.metrics().getFirst().value()).isEqualTo(0.99);
    }

    @Test
    void onlyPredictionsOfTheRevisionAndTheWindowCount() throws Exception {
        hundredPredictions();
        labels(100, 0, "0", "1");
        var key = workplace.files.keys("ledger/").getFirst();
        workplace
                .files
                .all()
                .put(
                        key.replace(Pods.REVISION, "another"),
                        workplace.files.all().get(key));

        assertThat(judge("{metric: accuracy, min: 0.9}").metrics().getFirst().samples())
                .isEqualTo(100);
        // Half of them are from before 10:00:50.
        assertThat(judge("{metric: accuracy, min: 0.9, window: 1h59m10s}")
                        .verdict()
                        .reason())
                .isEqualTo("accuracy: 49 predictions with a label, expected 100 or more");
        assertThat(judge("{metric: accuracy, min: 0.9, window: 1h59m10s, minSamples: 49}")
                        .verdict()
                        .verdict())
                .isEqualTo(Judgement.Good);
    }

    /** A rollout's candidate may have been tried before. */
    @Test
    void whatWasBeforeABeginningDoesNotCount() throws Exception {
        hundredPredictions();
        labels(100, 0, "0", "1");

        workplace.since(Instant.parse("2026-11-21T10:00:50Z"));
        assertThat(judge("{metric: accuracy, min: 0.9, window: 365d, minSamples: 49}")
                        .metrics()
                        .getFirst()
                        .samples())
                .isEqualTo(49);
        workplace.since(Instant.parse("2026-11-20T10:00:50Z"));
        assertThat(judge("{metric: accuracy, min: 0.9, window: 1h59m10s, minSamples: 49}")
                        .metrics()
                        .getFirst()
                        .samples())
                .as("the window is shorter")
                .isEqualTo(49);
    }

    @Test
    void theLatestSamplesAlone() throws Exception {
        hundredPredictions();
        labels(100, 20, "0", "1");

        var found = judge("{metric: accuracy, min: 0.9}, {metric: accuracy, min: 0.9, samples: 80, minSamples: 80}");
        assertThat(found.metrics().get(0).value()).isEqualTo(0.8);
        assertThat(found.metrics().get(1).value()).isEqualTo(1);
        assertThat(found.metrics().get(1).samples()).isEqualTo(80);
    }

    @Test
    void theModelsOwnLabelsMatchToo() throws Exception {
        // Its own labels are 10, 20 and 30, which are no positions; the file before has no such column.
        workplace.ledger("09", "churn-a-0123456789ab-0", """
                select 35000 + i as second, 'o' || i as request_id, 0 as "row", 'mid' as prediction, 0.5::double as score
                from range(10) t(i)""");
        workplace.ledger("10", "churn-a-0123456789ab-1", """
                select 36000 + i as second, 'r' || i as request_id, 0 as "row", ['low', 'mid', 'high'][i % 3 + 1] as prediction,
                       (10 * (i % 3 + 1))::varchar as raw, 0.5::double as score from range(90) t(i)""");
        var lines = new ArrayList<String>();
        for (int i = 0; i < 90; i++) {
            lines.add(PodFiles.said("r" + i, 0, String.valueOf(10 * (i % 3 + 1)), "2026-11-21T11:00:00Z"));
        }
        for (int i = 0; i < 10; i++) {
            lines.add(PodFiles.said("o" + i, 0, i < 5 ? "20" : "1", "2026-11-21T11:00:00Z"));
        }
        workplace.feedback(Pods.REVISION, "11", "churn-a-0123456789ab-0", lines);
        workplace.classes("low", "mid", "high");

        var found = judge("{metric: accuracy, min: 0.9}");
        assertThat(found.metrics().getFirst().value()).isEqualTo(0.95);
        assertThat(found.metrics().getFirst().note()).isEqualTo("5 of 100 labels are none of the model's classes");
    }

    @Test
    void numbersAreJudgedAsNumbers() throws Exception {
        workplace.ledger("10", "churn-a-0123456789ab-0", """
                select 36000 + i as second, 'r' || i as request_id, 0 as "row", (i + 0.5)::varchar as prediction,
                       i + 0.5 as score from range(200) t(i)""");
        var lines = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            lines.add(PodFiles.said("r" + i, 0, i == 7 ? "unknown" : String.valueOf(i), "2026-11-21T11:00:00Z"));
        }
        workplace.feedback(Pods.REVISION, "11", "churn-a-0123456789ab-0", lines);

        var found = judge("{metric: rmse, max: 0.4, warn: 0.3}, {metric: r2, min: 0.9}");
        assertThat(found.metrics().getFirst().value()).isCloseTo(0.5, within(1e-9));
        assertThat(found.metrics().getFirst().note())
                .isEqualTo("1 of 200 labels or predictions aren't numbers and were left out");
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Breached);
        assertThat(judge("{metric: rmse, max: 0.6, warn: 0.3}").verdict().verdict())
                .isEqualTo(Judgement.Warning);
    }

    @Test
    void aLoneProbabilityIsAClass() throws Exception {
        workplace.ledger("10", "churn-a-0123456789ab-0", """
                select 36000 + i as second, 'r' || i as request_id, 0 as "row", p::varchar as prediction, p as score
                from (select i, case when i % 4 = 0 then 0.75 else 0.25 end::double as p from range(100) t(i))""");
        var lines = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            lines.add(PodFiles.said("r" + i, 0, i % 4 == 0 ? "leaves" : "stays", "2026-11-21T11:00:00Z"));
        }
        workplace.feedback(Pods.REVISION, "11", "churn-a-0123456789ab-0", lines);
        workplace.classes("stays", "leaves");

        var found = judge("{metric: accuracy, min: 0.9}, {metric: roc_auc, min: 0.9}, {metric: log_loss, max: 1}");
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Good);
        assertThat(found.metrics().get(0).value()).isEqualTo(1);
        assertThat(found.metrics().get(1).value()).isEqualTo(1);
        assertThat(found.metrics().get(2).value()).isCloseTo(-Math.log(0.75), within(1e-12));
    }

    @Test
    void labelsOfAFile() throws Exception {
        hundredPredictions();
        var file = folder.resolve("labels.csv");
        var lines = new ArrayList<>(List.of("request_id,row,label"));
        for (int i = 0; i < 100; i++) {
            lines.add("r" + i / 2 + "," + i % 2 + "," + (i % 4 == 0 ? 1 : 0));
        }
        Files.write(file, lines, StandardCharsets.UTF_8);
        var asked = "{metric: accuracy, min: 0.9, labels: File, uri: \"%s\"}".formatted(file.toUri());
        assertThat(judge(asked).metrics().getFirst().value()).isEqualTo(1);

        Files.writeString(file, "id,label\n1,2\n");
        var malformed = judge(asked).verdict();
        assertThat(malformed.verdict()).isEqualTo(Judgement.Error);
        assertThat(malformed.reason()).contains("LabelsMalformed", "request_id and label", "found id, label");

        Files.delete(file);
        var absent = judge(asked + ", {metric: accuracy, min: 0.9}").verdict();
        assertThat(absent.verdict()).isEqualTo(Judgement.Error);
        assertThat(absent.reason()).contains("there are no labels", "labels.csv");
    }

    @Test
    void whatCannotBeJudgedIsTold() throws Exception {
        hundredPredictions();
        labels(100, 0, "0", "1");
        workplace.task("Classification").classes("a", "b", "c");

        assertThat(judge("{metric: rmse, max: 1}").verdict().reason())
                .isEqualTo("rmse: it is a metric of Regression, and the model's task is Classification");
        assertThat(judge("{metric: brier, max: 1}").verdict().reason()).contains("unknown metric");
        assertThat(judge("{metric: roc_auc, min: 1}").verdict().reason()).contains("probabilities of all classes");
        assertThat(judge("{metric: roc_auc, min: 1}").verdict().verdict()).isEqualTo(Judgement.Error);
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws Exception {
        hundredPredictions();
        labels(100, 0, "0", "1");
        workplace
                .files
                .all()
                .put(
                        "ledger/shop/churn/" + Pods.REVISION + "/2026-11-21/10/churn-z-0123456789ab-0.parquet",
                        new byte[9]);
        workplace
                .files
                .all()
                .put(
                        "feedback/shop/churn/x/2026-11-21/10/churn-z-0123456789ab-0.jsonl.gz",
                        "{".getBytes(StandardCharsets.UTF_8));

        var found = judge("{metric: accuracy, min: 0.9}");
        assertThat(found.metrics().getFirst().value()).isEqualTo(1);
        assertThat(found.metrics().getFirst().note()).contains("2 files can't be read", "churn-z");
    }

    @Test
    void withoutLabelsTheLedgerIsNotRead() throws Exception {
        hundredPredictions();
        var found = judge("{metric: accuracy, min: 0.9}");
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.InsufficientData);
        assertThat(found.verdict().reason()).isEqualTo("accuracy: 0 predictions with a label, expected 100 or more");
    }
}
