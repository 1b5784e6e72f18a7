package dev.tatara.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The catalog of a snapshot of a feature view: which files make it up, and what is known of them. It lies at {@code
 * features/<namespace>/<view>/snapshots/<number>.json}, the number with 8 digits; the highest number is the current
 * snapshot. The same rows of the same view, read up to the same time, give the same bytes.
 *
 * <p>Where several files have a row with equal keys and event time, the row created last counts; without a column for
 * that, and where it says the same, the row of the file that comes later in the list.
 *
 * @param schema version of this form; a reader refuses what it doesn't know
 * @param view name of the FeatureView
 * @param namespace its namespace
 * @param number 1 for the first
 * @param watermark event time of the newest row; {@code null} where there is no row
 * @param intervalStart from when on rows were read into the newest file; {@code null}: all there were
 * @param intervalEnd up to when, inclusive
 * @param specSha256 digest of what decides the rows in the view's specification, 64 lower-case hexadecimal digits
 * @param rows rows with different keys or event times
 * @param entities different keys
 * @param files oldest first
 * @param columns figures of the numeric columns, by name
 * @param checks verdicts on the rows of the newest file
 */
public record FeatureSnapshot(
        String schema,
        String view,
        String namespace,
        int number,
        Instant watermark,
        Instant intervalStart,
        Instant intervalEnd,
        String specSha256,
        long rows,
        long entities,
        List<DataFile> files,
        List<ColumnFigures> columns,
        List<CheckVerdict> checks) {
    public static final String SCHEMA = "tatara.dev/feature-snapshot/v1";

    public FeatureSnapshot {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(view, "view");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(intervalEnd, "intervalEnd");
        Objects.requireNonNull(specSha256, "specSha256");
        files = files == null ? List.of() : List.copyOf(files);
        columns = columns == null ? List.of() : List.copyOf(columns);
        checks = checks == null ? List.of() : List.copyOf(checks);
    }

    /** Where the snapshots of a view lie below the artifact store's root, with a slash at the end. */
    public static String folder(String namespace, String view) {
        return "features/" + namespace + "/" + view + "/";
    }

    /** Where the catalog of a snapshot lies below the artifact store's root. */
    public static String key(String namespace, String view, int number) {
        return "%ssnapshots/%08d.json".formatted(folder(namespace, view), number);
    }

    /** Where this catalog lies below the artifact store's root. */
    public String key() {
        return key(namespace, view, number);
    }

    /**
     * A Parquet file of rows, sorted by keys and event time, at most one row for each. Columns: the join keys, the event
     * time, the time of creation where the view has one, the features, by the names that the view gives them.
     *
     * @param key where it lies below the artifact store's root
     * @param sha256 its digest, 64 lower-case hexadecimal digits
     * @param sizeBytes its length
     * @param rows its rows
     * @param minTimestamp event time of the oldest row
     * @param maxTimestamp event time of the newest row
     */
    public record DataFile(
            String key, String sha256, long sizeBytes, long rows, Instant minTimestamp, Instant maxTimestamp) {
        public DataFile {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(sha256, "sha256");
        }
    }

    /**
     * Figures of a numeric column, rounded to 9 significant digits, so that the order of adding doesn't show.
     *
     * @param name the column
     * @param count values that are neither absent nor NaN
     * @param mean their mean
     * @param deviation their standard deviation (of the population)
     */
    public record ColumnFigures(String name, long count, double mean, double deviation) {
        public ColumnFigures {
            Objects.requireNonNull(name, "name");
        }
    }
}
