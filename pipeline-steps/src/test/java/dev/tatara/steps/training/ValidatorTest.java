package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.Validated;
import dev.tatara.steps.training.RunBeginning.Begun;
import dev.tatara.steps.training.Validator.ValidateOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidatorTest {
    private static final String RUN = "runs/ml/churn/1";
    private static final String ROWS = """
            user_id,event_timestamp,spend,churned
            1,2026-01-01T00:00:00Z,1.5,stay
            2,2026-01-02T00:00:00Z,,left
            3,2026-01-03T00:00:00Z,2.5,stay
            4,2026-01-04T00:00:00Z,3.5,
            """;
    private static final String ENTITIES = "entities: {uri: 'file://%s', labelColumn: churned}";

    @TempDir
    Path folder;

    private final List<String> begun = new ArrayList<>();
    private Bench bench;
    private String end;
    private List<String> views = List.of();

    @BeforeEach
    void open() {
        bench = new Bench(folder);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private StepResult<Validated> validate(Path rows, String dataset, String checks) throws Exception {
        var job = Files.writeString(folder.resolve("training.yaml"), """
                kind: TrainingJob
                metadata: {name: churn, namespace: ml}
                spec:
                  model: churn
                  dataset:
                    validation: {checks: [%s]}
                %s
                """.formatted(
                        checks, dataset.formatted(rows).indent(4)));
        var options = new ValidateOptions(
                job, null, views, RUN + "/validate", end == null ? null : Instant.parse(end), 64L << 20, 2);
        return bench.run(new Validator(options, StoreSettings.defaults(), (run, progress) -> {
            begun.add(run);
            return Optional.of(new Begun("run-7", "3"));
        }));
    }

    private StepResult<Validated> validate(String csv, String checks) throws Exception {
        return validate(Files.writeString(folder.resolve("rows.csv"), csv), ENTITIES, checks);
    }

    private String report() throws Exception {
        return Files.readString(bench.root.resolve(RUN + "/validate/validation.html"));
    }

    @Test
    void goodRowsAreSaidToBeGood() throws Exception {
        var result = validate(
                ROWS, "{type: RowCount, min: 4, onFailure: Block}, {type: NullRatio, column: spend, max: 0.1}");

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(result.message())
                .isEqualTo("4 rows, 3 of them with a label of 2 different values; checks that failed:"
                        + " NullRatio of spend: 0.25, the last good value is 0.1 (1 violations)");
        var details = result.details();
        assertThat(details.rows()).isEqualTo(4);
        assertThat(details.checks()).extracting("verdict").containsExactly(Verdict.Passed, Verdict.Failed);
        assertThat(details.mlflowRunId()).isEqualTo("run-7");
        assertThat(details.mlflowExperimentId()).isEqualTo("3");
        assertThat(begun).containsExactly(RUN);
        var file = Path.of(URI.create(details.report().uri()));
        assertThat(Sha256.of(file).sha256()).isEqualTo(details.report().sha256());
        assertThat(report())
                .contains("Data of ml/churn", "Fit for training", "2026-01-01T00:00:00Z to 2026-01-04T00:00:00Z")
                .contains("stay", "NullRatio", "<svg")
                .doesNotContain("<script", "http");

        Files.delete(file);
        validate(ROWS, "{type: RowCount, min: 4, onFailure: Block}, {type: NullRatio, column: spend, max: 0.1}");
        assertThat(Sha256.of(file).sha256())
                .as("the same bytes")
                .isEqualTo(details.report().sha256());
    }

    @Test
    void aCheckThatBlocksNamesValueAndBound() throws Exception {
        var result = validate(
                ROWS,
                "{type: NullRatio, column: spend, max: 0.05, onFailure: Block}, {type: RowCount, min: 100, onFailure: Log}");

        assertThat(result.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo("ChecksFailed");
        assertThat(result.message())
                .contains("NullRatio of spend: 0.25, the last good value is 0.05 (1 violations)")
                .contains("RowCount: 4, the last good value is 100");
        assertThat(result.details().checks()).hasSize(2);
        assertThat(report()).contains("Rejected: nothing is trained", "fails");
        assertThat(begun).as("nothing begins").isEmpty();
    }

    private void isUnusable(String csv, String... words) throws Exception {
        var result = validate(csv, "");
        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo("LabelUnusable");
        assertThat(result.message())
                .contains("nothing can be learned of the label churned")
                .contains(words);
        assertThat(result.details().report()).isNotNull();
        assertThat(report()).contains("Rejected: nothing can be learned");
    }

    @Test
    void aLabelThatTeachesNothingIsRefused() throws Exception {
        isUnusable(ROWS.replace("left", "stay"), "all 3 rows with a value have the same, stay");
        isUnusable(ROWS.replace("left", "").replace("stay", ""), "none of 4 rows has a value", "widen the window");
        isUnusable(ROWS.replace("left", "nan").replace("stay", "1.5"), "1 of 4 rows are NaN or infinite");
        isUnusable(ROWS.replace("left", "2026-01-01").replace("stay", "2026-01-02"), "it has type DATE");
        var ids = new StringBuilder("event_timestamp,churned\n");
        for (var i = 0; i < 30; i++) {
            ids.append("2026-01-01T00:00:00Z,id-").append(i).append('\n');
        }
        isUnusable(ids.toString(), "each of 30 rows has another text", "identifier");
    }

    @Test
    void numbersAreShownByRanges() throws Exception {
        var rows = bench.rows(
                "rows.parquet",
                "select timestamptz '2026-01-01 00:00:00Z' as event_timestamp, i / 10 as churned, [i] as list,"
                        + " {'a': i} as nested from range(1000) r(i)");
        var result = validate(rows, ENTITIES, "{type: Range, column: churned, min: 0, max: 99.9, onFailure: Block}");

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(report()).contains("1000 different ones", "from 49.95", "50</text>");
    }

    @Test
    void aTableThatIsReadyIsReadAsWell() throws Exception {
        var rows = bench.rows("rows.parquet", "select i as x, i % 2 = 0 as y from range(10) r(i)");
        var result = validate(rows, "uri: 'file://%s'\nlabelColumn: y", "{type: DuplicateRatio, max: 0}");

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(result.details().checks().getFirst().value()).isZero();
        var wrong = validate(rows, "uri: 'file://%s'\nlabelColumn: target", "");
        assertThat(wrong.reason()).isEqualTo("ColumnsMissing");
        assertThat(wrong.message()).contains("expected target, the label", "found: x, y");
    }

    @Test
    void windowAndEndSayWhichRowsCount() throws Exception {
        end = "2026-01-03T00:00:00Z";
        var result = validate(
                Files.writeString(folder.resolve("rows.csv"), ROWS),
                ENTITIES + "\nwindow: 1d",
                "{type: Freshness, maxAge: 1h}");
        assertThat(result.details().rows()).isEqualTo(2);
        assertThat(result.details().checks().getFirst().value()).isZero();

        end = "2025-01-01T00:00:00Z";
        var none = validate(ROWS, "");
        assertThat(none.reason()).isEqualTo("NoRows");
        assertThat(none.message()).contains("the newest of all 4 is of 2026-01-04T00:00:00Z", "widen the window");
    }

    @Test
    void timesThatAreNoneAreRefused() throws Exception {
        var wrong = validate(ROWS.replace("2026-01-02T00:00:00Z", "yesterday"), "");
        assertThat(wrong.reason()).isEqualTo("ValuesDoNotFit");
        assertThat(wrong.message()).contains("event_timestamp must hold times", "1 rows");
        var empty = validate(ROWS.replaceAll("2026[^,]*", ""), "");
        assertThat(empty.reason()).isEqualTo("ValuesDoNotFit");
        assertThat(empty.message()).contains("none of 4 rows has a time in column event_timestamp");
    }

    @Test
    void keysOfViewsAreLookedAt() throws Exception {
        var view = Files.writeString(folder.resolve("view.yaml"), """
                kind: FeatureView
                metadata: {name: users, namespace: ml}
                spec:
                  entities: [{name: user, joinKey: user_id, type: INT64}]
                  features: [{name: logins, type: INT64}]
                  source: {uri: 's3://raw/users.parquet', timestampColumn: at}
                """);
        views = List.of(view.toString());
        var dataset = ENTITIES + "\nfeatureViews: [{name: users}]";
        var rows = Files.writeString(folder.resolve("rows.csv"), ROWS + "4,2026-01-04T00:00:00Z,1,stay\n");
        var good = validate(rows, dataset, "{type: DuplicateRatio, max: 0.1}, {type: Schema}");
        assertThat(good.outcome()).as(good.message()).isEqualTo(Outcome.Succeeded);
        assertThat(good.details().checks().getFirst().value()).isEqualTo(0.2);

        var feature = validate(rows, dataset, "{type: NullRatio, column: logins, max: 0}");
        assertThat(feature.reason()).isEqualTo("InvalidDefinition");
        assertThat(feature.message()).contains("spec.checks of their FeatureView");

        var wrong = Files.writeString(folder.resolve("rows.csv"), ROWS.replace("\n2,", "\ntwo,"));
        assertThat(validate(wrong, dataset, "").reason()).isEqualTo("ValuesDoNotFit");
        var missing = Files.writeString(folder.resolve("rows.csv"), ROWS.replace("user_id", "customer"));
        assertThat(validate(missing, dataset, "").message()).contains("view users needs a column user_id");
        views = List.of();
        assertThat(validate(missing, dataset, "").outcome())
                .as("views needn't be known")
                .isEqualTo(Outcome.Succeeded);
    }

    @Test
    void whatIsNoTableIsRefused() throws Exception {
        var rows = Files.write(folder.resolve("rows.parquet"), new byte[] {'P', 'A', 'R', '1', 0, 0, 0, 0});
        assertThat(validate(rows, ENTITIES, "").reason()).isEqualTo("EntitiesMalformed");
        assertThat(validate(folder.resolve("none"), ENTITIES, "").reason()).isEqualTo("SourceNotFound");
        assertThat(validate("event_timestamp,churned\n", "").reason()).isEqualTo("NoRows");
    }
}
