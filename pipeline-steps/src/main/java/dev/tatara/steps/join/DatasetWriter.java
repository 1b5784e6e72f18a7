package dev.tatara.steps.join;

import static java.util.stream.Collectors.joining;

import dev.tatara.contracts.JoinedDataset;
import dev.tatara.steps.join.Split.Part;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes a joined table as Parquet files: the same rows give the same bytes. */
public final class DatasetWriter {
    private final TableEngine engine;
    private final Joined joined;
    private final Path folder;
    private final List<Written> written = new ArrayList<>();

    /**
     * A writer.
     *
     * @param folder where the files are put
     */
    public DatasetWriter(TableEngine engine, Joined joined, Path folder) {
        this.engine = engine;
        this.joined = joined;
        this.folder = folder;
    }

    /**
     * A file.
     *
     * @param name name of the part
     * @param file where it lies
     * @param rows its rows
     */
    public record Written(String name, Path file, long rows) {}

    /** All rows, as one file. */
    public Written writeAll() throws SQLException {
        return write("all", "dataset", joined.query());
    }

    /** The rows of one part. */
    Written write(Part part) throws SQLException {
        return write(part.text(), part.text(), joined.query(part));
    }

    private Written write(String name, String fileName, String query) throws SQLException {
        var file = folder.resolve(fileName + ".parquet");
        // Tables are laid side by side by one thread in their order, and the file is written in that order.
        engine.execute("set preserve_insertion_order = true");
        engine.execute("copy (" + query + ") to " + Sql.file(file) + " (format parquet)");
        engine.execute("set preserve_insertion_order = false");
        var result =
                new Written(name, file, engine.number("select count(*) from read_parquet(" + Sql.file(file) + ")"));
        written.add(result);
        return result;
    }

    /** The columns of what was written. */
    List<JoinedDataset.Column> columns() throws SQLException {
        var files = "read_parquet("
                + written.stream().map(part -> Sql.file(part.file())).collect(joining(", ", "[", "]")) + ")";
        var columns = Column.of(engine, "select * from " + files);
        var nulls = columns.stream()
                .map(column -> "count(*) - count(" + Sql.name(column.name()) + ")")
                .collect(joining(", "));
        return engine.query("select " + nulls + " from " + files, row -> {
            row.next();
            var result = new ArrayList<JoinedDataset.Column>();
            for (var i = 0; i < columns.size(); i++) {
                result.add(new JoinedDataset.Column(
                        columns.get(i).name(), columns.get(i).type(), row.getLong(i + 1)));
            }
            return result;
        });
    }
}
