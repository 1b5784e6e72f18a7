package dev.tatara.e2e.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a run that its trainer never saw.
 *
 * @param users keys of the rows' users
 * @param features their features, in the order of {@link ChurnData#FEATURES}
 * @param labels what the model should answer
 */
public record HeldBackRows(List<Long> users, List<List<Double>> features, List<Long> labels) {
    /** Reads a Parquet file. */
    public static HeldBackRows read(byte[] parquet) {
        var rows = new HeldBackRows(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Path file = null;
        try {
            file = Files.write(Files.createTempFile("rows", ".parquet"), parquet);
            try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
                    var statement = duckdb.createStatement();
                    var found = statement.executeQuery("select " + ChurnData.JOIN_KEY + "::bigint as "
                            + ChurnData.JOIN_KEY + ", "
                            + String.join(", ", ChurnData.FEATURES) + ", " + ChurnData.LABEL + " from read_parquet('"
                            + file + "')")) {
                while (found.next()) {
                    var features = new ArrayList<Double>();
                    for (var feature : ChurnData.FEATURES) {
                        features.add(found.getDouble(feature));
                    }
                    rows.users.add(found.getLong(ChurnData.JOIN_KEY));
                    rows.features.add(features);
                    rows.labels.add(found.getLong(ChurnData.LABEL));
                }
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("expected a Parquet file of users, features and labels", e);
        } finally {
            delete(file);
        }
    }

    /** The share of right answers. */
    public double accuracyOf(List<Long> answers) {
        assertThat(answers).hasSameSizeAs(labels);
        var right = 0;
        for (var row = 0; row < labels.size(); row++) {
            if (labels.get(row).equals(answers.get(row))) {
                right++;
            }
        }
        return (double) right / labels.size();
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
