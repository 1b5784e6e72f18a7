package dev.tatara.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What {@code join} made: entity rows with the features that were known at their times.
 *
 * @param parts the files, one where the rows weren't split, else {@code train}, {@code validation}, {@code test}
 * @param views the snapshots that the features came from
 * @param entityRows rows of entities that were read
 * @param columns the columns of the files in their order
 * @param columnsTruncated whether columns were left out so that the result fits a termination message
 * @param viewsTruncated whether views were left out for the same reason
 * @param minTimestamp time of the oldest entity row
 * @param maxTimestamp time of the newest entity row
 */
public record JoinedDataset(
        List<Part> parts,
        List<View> views,
        long entityRows,
        List<Column> columns,
        boolean columnsTruncated,
        boolean viewsTruncated,
        Instant minTimestamp,
        Instant maxTimestamp) {
    public JoinedDataset {
        parts = parts == null ? List.of() : List.copyOf(parts);
        views = views == null ? List.of() : List.copyOf(views);
        columns = columns == null ? List.of() : List.copyOf(columns);
    }

    /** The same with fewer views or columns; says that some were left out. */
    public JoinedDataset withOnly(List<View> someViews, List<Column> someColumns) {
        return new JoinedDataset(
                parts,
                someViews,
                entityRows,
                someColumns,
                columnsTruncated || someColumns.size() < columns.size(),
                viewsTruncated || someViews.size() < views.size(),
                minTimestamp,
                maxTimestamp);
    }

    /**
     * A file of rows.
     *
     * @param name {@code all}, {@code train}, {@code validation} or {@code test}
     * @param uri its address
     * @param sha256 its digest, 64 lower-case hexadecimal digits
     * @param sizeBytes its length
     * @param rows its rows
     */
    public record Part(String name, String uri, String sha256, long sizeBytes, long rows) {
        public Part {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(uri, "uri");
        }
    }

    /**
     * A snapshot that features came from, for the lineage of what is trained on them.
     *
     * @param namespace namespace of the FeatureView
     * @param name its name
     * @param snapshot number of the snapshot
     * @param sha256 digest of the snapshot's catalog
     * @param matched entity rows that had a row of the view
     */
    public record View(String namespace, String name, int snapshot, String sha256, long matched) {
        public View {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * A column.
     *
     * @param name its name
     * @param type its type as DuckDB calls it
     * @param nulls rows without a value
     */
    public record Column(String name, String type, long nulls) {
        public Column {
            Objects.requireNonNull(name, "name");
        }
    }
}
