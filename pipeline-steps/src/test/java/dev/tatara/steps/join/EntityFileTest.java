package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.EntityFile.Format;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.Column;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntityFileTest {
    private static final String CSV = """
            card,seen,label
            007,2024-01-01 12:00:00,a
            042,2024-01-03T00:00:00Z,b
            """;

    @TempDir
    Path folder;

    @TempDir
    Path spill;

    private Rows rows;

    @BeforeEach
    void open() throws Exception {
        rows = new Rows(folder, spill);
    }

    @AfterEach
    void close() throws Exception {
        rows.close();
    }

    private List<String> loaded(Path file, String name, JoinKey... keys) throws Exception {
        return loaded(new EntityFile(file, Format.of(file, name), "seen", "label", List.of(keys), null, null));
    }

    private List<String> loaded(EntityFile file) throws Exception {
        var entities = file.load(rows.engine);
        return rows.rows(
                new PointInTimeJoin(rows.engine, entities, false).result().query());
    }

    private Path text(String text) throws Exception {
        return Files.writeString(folder.resolve("entities"), text);
    }

    @Test
    void aKeyThatIsATextKeepsItsZeros() throws Exception {
        assertThat(loaded(text(CSV), "labels.csv", new JoinKey("card", ValueType.STRING)))
                .containsExactly("007,2024-01-01T12:00Z,a", "042,2024-01-03T00:00Z,b");
    }

    @Test
    void jsonIsReadAsLinesAndAsAnArray() throws Exception {
        var row = "{\"card\": \"007\", \"seen\": \"2024-01-01T12:00:00+01:00\", \"label\": 1}";
        for (var text : List.of(row + "\n" + row + "\n", "[" + row + "," + row + "]")) {
            assertThat(loaded(text(text), "labels")).hasSize(2).allMatch("007,2024-01-01T11:00Z,1"::equals);
            rows.engine.execute("drop table entities");
        }
    }

    @Test
    void parquetIsKnownByItsBytes() throws Exception {
        var file = rows.file("select 1 as card, timestamp '2024-01-01' as seen, 'x' as label");
        assertThat(Format.of(file, "labels.csv")).isEqualTo(Format.Parquet);
        assertThat(loaded(file, "labels.csv")).containsExactly("1,2024-01-01T00:00Z,x");
    }

    @Test
    void theOrderOfManyRowsStays() throws Exception {
        var file = rows.file("select i as card, timestamp '2024-01-01' as seen, 0 as label from range(500_000) r(i)"
                + " order by i");
        new EntityFile(file, Format.Parquet, "seen", "label", List.of(), null, null).load(rows.engine);
        assertThat(rows.engine.number("select count(*) from entities where c0 <> rowid"))
                .isZero();
    }

    @Test
    void theWindowEndsWithTheNewestRowOrWhereOneSays() throws Exception {
        var file = rows.file(
                "select i as card, timestamptz '2024-01-01 00:00:00Z' + to_days(i::int) as seen, 0 as label from range(10) r(i)"
                        + " union all select 99, null, 0");
        var end = Instant.parse("2024-01-05T00:00:00Z");
        assertThat(cards(file, null, null)).hasSize(11);
        assertThat(cards(file, Duration.ofDays(2), null)).containsExactly("7", "8", "9");
        assertThat(cards(file, Duration.ofDays(2), end)).containsExactly("2", "3", "4");
        assertThat(cards(file, null, end)).containsExactly("0", "1", "2", "3", "4");
        assertThatThrownBy(() -> cards(file, Duration.ofDays(2), end.minus(Duration.ofDays(60))))
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.reason()).isEqualTo("NoRows"));
    }

    private List<String> cards(Path file, Duration window, Instant end) throws Exception {
        rows.engine.execute("drop table if exists entities");
        new EntityFile(file, Format.Parquet, "seen", "label", List.of(), window, end).load(rows.engine);
        return rows.rows("select c0 from entities order by c0");
    }

    @Test
    void aTableWithoutTimesIsATable() throws Exception {
        var file = rows.file("select 1.5::double as x, 'a' as label");
        var entities = new EntityFile(file, Format.Parquet, null, "label", List.of(), null, null).load(rows.engine);
        assertThat(entities.columns()).containsExactly(new Column("x", "DOUBLE"), new Column("label", "VARCHAR"));
        assertThat(entities.minMicros()).isNull();
    }

    @Test
    void saysWhatIsWrongWithTheRows() throws Exception {
        refuses(text(CSV), "x.csv", "seen", "churned", "ColumnsMissing", "churned", "the label", "card, seen, label");
        refuses(text(CSV), "x.csv", "when", "label", "ColumnsMissing", "when");
        refuses(text(CSV), "x.csv", "label", "label", "ValuesDoNotFit", "label", "2 rows", "VARCHAR");
        refuses(text("{\"card\": 1"), "x.json", "seen", "label", "EntitiesMalformed", "can't be read");
        refuses(text("card,seen,label\n"), "x.csv", "seen", "label", "NoRows", "no rows");
    }

    private void refuses(Path file, String name, String time, String label, String reason, String... words)
            throws Exception {
        var entities = new EntityFile(file, Format.of(file, name), time, label, List.of(), null, null);
        assertThatThrownBy(() -> entities.load(rows.engine))
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContainingAll(words);
    }
}
