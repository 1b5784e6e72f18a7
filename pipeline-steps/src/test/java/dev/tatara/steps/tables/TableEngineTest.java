package dev.tatara.steps.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableEngineTest {
    @TempDir
    Path folder;

    @TempDir
    Path spill;

    @Test
    void sortsMoreThanItsMemoryHolds() throws Exception {
        try (var engine = TableEngine.open(spill, 64L << 20, 1)) {
            engine.execute("create table t as select hash(i) as k, i::varchar || repeat('x', 40) as v"
                    + " from range(2_000_000) r(i)");
            assertThat(engine.number("select count(*) from (select * from t order by k, v offset 10)"))
                    .isEqualTo(2_000_000 - 10);
        }
    }

    @Test
    void sqlOfUsersReachesNoFiles() throws Exception {
        var file = folder.resolve("rows.parquet");
        try (var engine = TableEngine.open(spill, 64L << 20, 1)) {
            engine.execute("copy (select 1 as a) to " + Sql.file(file) + " (format parquet)");
            engine.execute("create table source as from read_parquet(" + Sql.file(file) + ")");
            engine.seal();
            assertThat(engine.number("select a from source")).isEqualTo(1);
            for (var sql : new String[] {
                "select * from read_parquet(" + Sql.file(file) + ")",
                "select * from read_text('/etc/passwd')",
                "copy source to " + Sql.file(folder.resolve("out.csv")),
                "attach " + Sql.file(folder.resolve("other.db")),
                "install httpfs",
                "set enable_external_access = true"
            }) {
                assertThat(catchThrowable(() -> engine.execute(sql))).as(sql).isInstanceOf(SQLException.class);
            }
        }
    }
}
