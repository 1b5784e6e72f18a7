package dev.tatara.steps.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.DataCheck.OnFailure;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten rows, two of which have the same key and time; two amounts are absent and one is NaN. */
class TableChecksTest {
    @TempDir
    private Path spill;

    private TableEngine engine;

    @BeforeEach
    void open() throws Exception {
        engine = TableEngine.open(spill, 128L << 20, 1);
        engine.execute("create table rows as select * from (values"
                + " (1, '2026-01-01'::timestamptz, 1.0::double, 'red'), (1, '2026-01-01'::timestamptz, 2.0, 'red'),"
                + " (2, '2026-01-01'::timestamptz, 3.0, 'blue'), (3, '2026-01-01'::timestamptz, 4.0, 'blue'),"
                + " (4, '2026-01-01'::timestamptz, 5.0, 'bl'), (5, '2026-01-01'::timestamptz, 6.0, ''),"
                + " (6, '2026-01-01'::timestamptz, 7.0, null), (7, '2026-01-01'::timestamptz, 'nan', 'green'),"
                + " (8, '2026-01-01'::timestamptz, null, 'green'), (9, '2026-01-02'::timestamptz, null, 'green'))"
                + " t(id, \"at\", amount, colour)");
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
    }

    @Test
    void aBoundIsTheLastGoodValue() throws Exception {
        assertThat(judge(check(DataCheck.Type.NullRatio, "amount", null, 0.2))).isEqualTo("Passed 0.2 0.2 2");
        assertThat(judge(check(DataCheck.Type.NullRatio, "amount", null, 0.19))).isEqualTo("Failed 0.2 0.19 2");
        assertThat(judge(check(DataCheck.Type.DuplicateRatio, null, null, 0.1))).isEqualTo("Passed 0.1 0.1 1");
        assertThat(judge(check(DataCheck.Type.DuplicateRatio, null, null, 0.09)))
                .isEqualTo("Failed 0.1 0.09 1");
        assertThat(judge(check(DataCheck.Type.UniqueRatio, "id", 0.9, null))).isEqualTo("Passed 0.9 0.9 null");
        assertThat(judge(check(DataCheck.Type.UniqueRatio, "id", null, 0.89))).isEqualTo("Failed 0.9 0.89 null");
        assertThat(judge(check(DataCheck.Type.RowCount, null, 10.0, 10.0))).isEqualTo("Passed 10.0 10.0 null");
        assertThat(judge(check(DataCheck.Type.RowCount, null, 11.0, null))).isEqualTo("Failed 10.0 11.0 null");
        assertThat(judge(check(DataCheck.Type.Range, "id", 1.0, 9.0))).isEqualTo("Passed 9.0 9.0 0");
        assertThat(judge(check(DataCheck.Type.Range, "id", 2.0, 9.0))).isEqualTo("Failed 1.0 2.0 2");
        assertThat(judge(check(DataCheck.Type.Range, "id", null, 7.0))).isEqualTo("Failed 9.0 7.0 2");
        assertThat(judge(freshness("1d"))).isEqualTo("Passed 86400.0 86400.0 null");
        assertThat(judge(freshness("23h"))).isEqualTo("Failed 86400.0 82800.0 null");
    }

    @Test
    void notANumberIsOutsideOfEveryRange() throws Exception {
        assertThat(judge(check(DataCheck.Type.Range, "amount", -1e300, 1e300)))
                .startsWith("Failed")
                .endsWith(" 1");
        assertThat(judge(check(DataCheck.Type.Range, "amount", -1e300, null)))
                .startsWith("Failed")
                .endsWith(" 1");
    }

    @Test
    void textsAreComparedAsAWhole() throws Exception {
        assertThat(judge(inSet("colour", "red", "blue", "green"))).isEqualTo("Failed 0.2222222222222222 0.0 2");
        assertThat(judge(inSet("colour", "red", "blue", "green", "", "bl"))).isEqualTo("Passed 0.0 0.0 0");
        assertThat(judge(inSet("id", "1", "2", "3", "4", "5", "6", "7", "8", "x")))
                .isEqualTo("Failed 0.1 0.0 1");
        assertThat(judge(regex("colour", "[a-z]*"))).isEqualTo("Passed 0.0 0.0 0");
        assertThat(judge(regex("colour", "bl|red|green"))).isEqualTo("Failed 0.3333333333333333 0.0 3");
    }

    @Test
    void aMeanIsComparedWithTheRowsBefore() throws Exception {
        assertThat(judge(mean(1.0), new ColumnFigures("amount", 100, 3.0, 1.0))).isEqualTo("Passed 1.0 1.0 null");
        assertThat(judge(mean(0.9), new ColumnFigures("amount", 100, 3.0, 1.0))).isEqualTo("Failed 1.0 0.9 null");
        assertThat(judge(mean(3.0), new ColumnFigures("amount", 100, 4.0, 0.0))).isEqualTo("Passed 0.0 3.0 null");
        assertThat(judge(mean(3.0), new ColumnFigures("amount", 100, 3.0, 0.0))).isEqualTo("Failed null 3.0 null");
        assertThat(judge(mean(3.0))).isEqualTo("InsufficientData null 3.0 null");
    }

    @Test
    void withoutRowsOnlyTheirNumberAndAgeAreJudged() throws Exception {
        engine.execute("delete from rows");
        for (var check : List.of(
                check(DataCheck.Type.NullRatio, "amount", null, 0.0),
                check(DataCheck.Type.DuplicateRatio, null, null, 0.0),
                check(DataCheck.Type.UniqueRatio, "id", 1.0, null),
                check(DataCheck.Type.Range, "id", 0.0, null),
                inSet("colour", "red"),
                regex("colour", "a"),
                mean(3.0))) {
            assertThat(judge(check, new ColumnFigures("amount", 100, 3.0, 1.0)))
                    .as(check.type().name())
                    .startsWith("InsufficientData");
        }
        assertThat(judge(check(DataCheck.Type.RowCount, null, 1.0, null))).isEqualTo("Failed 0.0 1.0 null");
        assertThat(judge(freshness("1h"))).isEqualTo("InsufficientData null 3600.0 null");
        var before = run(
                List.of(freshness("1h")), table(List.of(), List.of(), Set.of(), Instant.parse("2026-01-02T22:59:59Z")));
        assertThat(shown(before.getFirst())).isEqualTo("Failed 3601.0 3600.0 null");
    }

    @Test
    void columnsThatDifferFromTheDeclarationAreCounted() throws Exception {
        var schema = check(DataCheck.Type.Schema, null, null, null);
        assertThat(judge(schema)).isEqualTo("Passed 0.0 0.0 0");
        var verdicts = run(
                List.of(schema),
                table(List.of("x is missing", "y is VARCHAR, expected INT64"), List.of(), Set.of(), null));
        assertThat(shown(verdicts.getFirst())).isEqualTo("Failed 2.0 0.0 2");
    }

    @Test
    void valuesOfSensitiveColumnsAreNotTold() throws Exception {
        var verdicts = run(
                List.of(check(DataCheck.Type.Range, "amount", null, 3.0)),
                table(List.of(), List.of(), Set.of("amount"), null));
        assertThat(shown(verdicts.getFirst())).isEqualTo("Failed null 3.0 5");
    }

    @Test
    void verdictsComeInTheOrderOfTheChecks() throws Exception {
        var block = new DataCheck(DataCheck.Type.RowCount, null, 11.0, null, null, null, null, null, OnFailure.Block);
        var verdicts = run(
                List.of(check(DataCheck.Type.NullRatio, "amount", null, 0.0), block, inSet("colour", "red")),
                table(List.of(), List.of(), Set.of(), null));
        assertThat(verdicts).extracting(CheckVerdict::type).containsExactly("NullRatio", "RowCount", "InSet");
        assertThat(TableChecks.block(verdicts)).isTrue();
        assertThat(TableChecks.block(verdicts.subList(0, 1))).isFalse();
        assertThat(TableChecks.failures(verdicts.subList(0, 2)))
                .isEqualTo("NullRatio of amount: 0.2, the last good value is 0 (2 violations); RowCount: 10, the last"
                        + " good value is 11");
        assertThat(verdicts).extracting(CheckVerdict::verdict).containsOnly(Verdict.Failed);
    }

    private String judge(DataCheck check, ColumnFigures... reference) throws Exception {
        return shown(run(List.of(check), table(List.of(), List.of(reference), Set.of(), null))
                .getFirst());
    }

    private List<CheckVerdict> run(List<DataCheck> checks, CheckedTable table) throws Exception {
        return TableChecks.run(engine, table, checks);
    }

    private CheckedTable table(
            List<String> violations, List<ColumnFigures> reference, Set<String> sensitive, Instant newestBefore)
            throws Exception {
        return new CheckedTable(
                "rows",
                Column.of(engine, "select * from rows"),
                List.of("id", "at"),
                "at",
                Instant.parse("2026-01-03T00:00:00Z"),
                newestBefore,
                violations,
                reference.isEmpty() ? Map.of() : Map.of("amount", reference.getFirst()),
                sensitive);
    }

    private static String shown(CheckVerdict verdict) {
        return verdict.verdict() + " " + verdict.value() + " " + verdict.threshold() + " " + verdict.violations();
    }

    private static DataCheck check(DataCheck.Type type, String column, Double min, Double max) {
        return new DataCheck(type, column, min, max, null, null, null, null, null);
    }

    private static DataCheck freshness(String maxAge) {
        return new DataCheck(DataCheck.Type.Freshness, null, null, null, new TimeSpan(maxAge), null, null, null, null);
    }

    private static DataCheck mean(double sigmas) {
        return new DataCheck(DataCheck.Type.Mean, "amount", null, null, null, sigmas, null, null, null);
    }

    private static DataCheck inSet(String column, String... values) {
        return new DataCheck(DataCheck.Type.InSet, column, null, null, null, null, List.of(values), null, null);
    }

    private static DataCheck regex(String column, String pattern) {
        return new DataCheck(DataCheck.Type.Regex, column, null, null, null, null, null, pattern, null);
    }
}
