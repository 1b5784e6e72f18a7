package dev.tatara.steps.join;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The rows of a view, as a join sees them.
 *
 * @param name the view's name
 * @param keys columns that say what a row is about, at least one; they are called the same among the entities
 * @param eventTime column with the time at which a row became true, a TIMESTAMP (taken as UTC) or one with a zone
 * @param created column with the time at which a row was written, which decides between rows of the same keys and event
 *     time; {@code null} where there is none
 * @param ttl how long a row counts after its event time, the end inclusive; zero: for ever
 * @param features the features wanted, at least one
 * @param files Parquet files with the rows. Of equal rows in two files, without {@code created}, the one in the later
 *     file counts
 */
public record FeatureTable(
        String name,
        List<JoinKey> keys,
        String eventTime,
        String created,
        Duration ttl,
        List<Feature> features,
        List<DataFile> files) {
    public FeatureTable {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(eventTime, "eventTime");
        keys = List.copyOf(keys);
        features = List.copyOf(features);
        files = List.copyOf(files);
        if (keys.isEmpty() || features.isEmpty() || ttl.isNegative()) {
            throw new IllegalArgumentException("expected keys, features and a ttl that isn't negative, found " + keys
                    + " " + features + " " + ttl);
        }
    }

    /** The same with these files. */
    FeatureTable with(List<DataFile> some) {
        return new FeatureTable(name, keys, eventTime, created, ttl, features, some);
    }

    /**
     * A part of the key.
     *
     * @param column its column
     * @param type type of its values
     */
    public record JoinKey(String column, ValueType type) {
        public JoinKey {
            Objects.requireNonNull(column, "column");
            Objects.requireNonNull(type, "type");
        }
    }

    /**
     * A feature.
     *
     * @param column its column
     * @param type type of its values
     * @param defaultValue what stands in place of a missing value, as a text; {@code null}: nothing does
     */
    public record Feature(String column, ValueType type, String defaultValue) {
        public Feature {
            Objects.requireNonNull(column, "column");
            Objects.requireNonNull(type, "type");
        }
    }

    /**
     * A file with rows.
     *
     * @param path a Parquet file
     * @param min event time of its oldest row; {@code null} where that isn't known
     * @param max event time of its newest row; {@code null} where that isn't known
     * @param distinct whether no two of its rows have the same keys and event time
     */
    public record DataFile(Path path, Instant min, Instant max, boolean distinct) {
        public DataFile {
            Objects.requireNonNull(path, "path");
        }

        /** A file of which nothing is known. */
        public static DataFile of(Path path) {
            return new DataFile(path, null, null, false);
        }
    }
}
