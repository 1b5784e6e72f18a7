package dev.tatara.steps.training;

import static java.util.stream.Collectors.joining;

import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * Rows as CSV (RFC 4180): commas, UTF-8, names in the first line, lines in the order of the rows. An absent value is an
 * empty field, an empty text is {@code ""}. Times are ISO 8601 with microseconds, in UTC with a {@code Z} where the
 * column has a zone; numbers have as many digits as they need; truths are {@code true} and {@code false}; lists and
 * structures are JSON; bytes are Base64.
 */
final class CsvFile {
    private CsvFile() {}

    /** Writes the rows of a Parquet file. */
    static void write(TableEngine engine, Path parquet, Path csv) throws SQLException {
        var source = "read_parquet(" + Sql.file(parquet) + ")";
        var columns = Column.of(engine, "select * from " + source).stream()
                .map(column -> expression(column) + " as " + Sql.name(column.name()))
                .collect(joining(", "));
        engine.execute("set preserve_insertion_order = true");
        engine.execute("copy (select " + columns + " from " + source + ") to " + Sql.file(csv)
                + " (format csv, header true, delimiter ',', nullstr '')");
    }

    private static String expression(Column column) {
        var name = Sql.name(column.name());
        var type = column.type();
        if (type.equals("TIMESTAMP WITH TIME ZONE")) {
            return time("(" + name + " at time zone 'UTC')", "%Y-%m-%dT%H:%M:%S.%fZ");
        }
        if (type.startsWith("TIMESTAMP")) {
            return time(name + "::timestamp", "%Y-%m-%dT%H:%M:%S.%f");
        }
        if (type.equals("BLOB")) {
            return "to_base64(" + name + ")";
        }
        var isNested = type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP");
        return isNested ? "to_json(" + name + ")::varchar" : name;
    }

    private static String time(String value, String format) {
        return "strftime(" + value + ", " + Sql.text(format) + ")";
    }
}
