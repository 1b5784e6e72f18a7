package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.observation.ParquetColumns.Column;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DuckDB reads what is written. */
class ParquetColumnsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 3_000})
    void textsMayBeMissing(int rows) throws Exception {
        for (double share : new double[] {0, 0.3, 1}) {
            Random random = new Random(rows);
            ParquetColumns file = new ParquetColumns();
            Column number = file.add("number", ParquetColumns.Type.INT32);
            Column text = file.addOptional("text");
            List<String> expected = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                number.addInt(row);
                String value = random.nextDouble() < share ? "ä" + row : null;
                text.addText(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
                expected.add(row + " " + value);
            }
            Path written = Files.write(folder.resolve("a.parquet"), file.write(rows));
            assertThat(read(written)).isEqualTo(expected);
        }
    }

    private static List<String> read(Path file) throws Exception {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select number, text from read_parquet('" + file + "') order by number")) {
            while (rows.next()) {
                found.add(rows.getInt(1) + " " + rows.getString(2));
            }
        }
        return found;
    }
}
