package dev.tatara.steps.tables;

import dev.tatara.api.v1alpha1.featureview.Source.Format;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Files of rows as DuckDB reads them. */
public final class RowFiles {
    private RowFiles() {}

    /** The format that a name's ending tells. */
    public static Optional<Format> formatOf(String name) {
        var lower = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
        if (lower.endsWith(".parquet") || lower.endsWith(".pq")) {
            return Optional.of(Format.Parquet);
        }
        if (lower.endsWith(".csv") || lower.endsWith(".tsv")) {
            return Optional.of(Format.Csv);
        }
        return lower.endsWith(".json") || lower.endsWith(".jsonl") || lower.endsWith(".ndjson")
                ? Optional.of(Format.Json)
                : Optional.empty();
    }

    /**
     * Something that can stand after {@code from}. Types come from all values, not from the first ones.
     *
     * @param files all of one format
     * @param isText which columns are text whatever they look like
     */
    public static String relation(TableEngine engine, List<Path> files, Format format, Predicate<String> isText)
            throws SQLException {
        var list = Sql.files(files);
        return switch (format) {
            case Parquet -> "read_parquet(" + list + ", union_by_name = true)";
            case Csv -> {
                var options = list + ", union_by_name = true, header = true, sample_size = -1";
                var texts = Column.of(
                                engine, "select * from read_csv(" + list + ", union_by_name = true, header = true)")
                        .stream()
                        .filter(column -> isText.test(column.name()))
                        .map(column -> Sql.text(column.name()) + ": 'VARCHAR'")
                        .collect(Collectors.joining(", "));
                yield "read_csv(" + options + (texts.isEmpty() ? "" : ", types = {" + texts + "}") + ")";
            }
            case Json -> {
                var options = list + ", union_by_name = true";
                var columns = Column.of(engine, "select * from read_json(" + options + ", sample_size = -1)");
                yield columns.stream().noneMatch(column -> isText.test(column.name()))
                        ? "read_json(" + options + ", sample_size = -1)"
                        : "read_json(" + options + ", columns = {"
                                + columns.stream()
                                        .map(column -> Sql.text(column.name()) + ": "
                                                + Sql.text(isText.test(column.name()) ? "VARCHAR" : column.type()))
                                        .collect(Collectors.joining(", "))
                                + "})";
            }
        };
    }
}
