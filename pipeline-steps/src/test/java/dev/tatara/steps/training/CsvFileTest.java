package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
    @TempDir
    Path folder;

    private String csv(String select) throws Exception {
        var csv = folder.resolve("rows.csv");
        try (var bench = new Bench(folder);
                var engine = TableEngine.open(folder, 64L << 20, 2)) {
            CsvFile.write(engine, bench.rows("rows.parquet", select), csv);
        }
        return Files.readString(csv);
    }

    @Test
    void eachTypeHasOneForm() throws Exception {
        assertThat(csv("""
                select timestamptz '2026-01-31 12:00:00.5+02:00' as "at", timestamp '2026-01-31 12:00:00' as "local",
                  date '2026-01-31' as "day", true as truth, 0.1::double as tenth, 1e22::double as large,
                  0.1::float as single, 1.50::decimal(9, 2) as price, 9223372036854775807 as whole,
                  [1, null, 3] as list, {'a': 1, 'b': 'x'} as struct, 'abc'::blob as bytes, 'Ünïcode' as text
                """)).isEqualTo("""
                at,local,day,truth,tenth,large,single,price,whole,list,struct,bytes,text
                2026-01-31T10:00:00.500000Z,2026-01-31T12:00:00.000000,2026-01-31,true,0.1,1e+22,0.1,1.50,9223372036854775807,"[1,null,3]","{""a"":1,""b"":""x""}",YWJj,Ünïcode
                """);
    }

    @Test
    void absentValuesAndEmptyTextsDiffer() throws Exception {
        assertThat(csv("""
                select * from (values ('', 1.5::double, null::timestamptz), (null, 'nan', null), ('a,"b"', 'inf', null),
                  (e'two\\nlines', null, null)) t("a text", x, "at")
                """)).isEqualTo("""
                a text,x,at
                "",1.5,
                ,nan,
                "a,""b""\",inf,
                "two
                lines",,
                """);
    }

    @Test
    void linesStayInTheOrderOfTheRows() throws Exception {
        var lines = csv("select (i * 7919) % 500000 as i from range(500000) r(i)")
                .lines()
                .toList();

        assertThat(lines).hasSize(500_001);
        assertThat(lines.get(1)).isEqualTo("0");
        assertThat(lines.get(2)).isEqualTo("7919");
        assertThat(lines.get(400_001)).isEqualTo(String.valueOf(400_000L * 7919 % 500_000));
    }
}
