package dev.tatara.steps.feedback;

import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Files of ledger and feedback as pods write them. */
public final class PodFiles {
    private PodFiles() {}

    /**
     * A file of the ledger.
     *
     * @param day for example {@code 2026-11-21}
     * @param rows a query of second (of the day), request_id, row, prediction, score and whatever else
     */
    public static byte[] ledger(Path folder, String day, String revision, String rows)
            throws IOException, SQLException {
        var file = folder.resolve("ledger.parquet");
        try (var engine = TableEngine.open(Files.createDirectories(folder.resolve("spill")), 64L << 20, 1)) {
            engine.execute("copy (select timestamptz '" + day + " 00:00:00Z' + to_seconds(second) as time, '" + revision
                    + "' as revision, * exclude (second) from (" + rows + ")) to " + Sql.file(file)
                    + " (format parquet)");
        }
        return Files.readAllBytes(file);
    }

    /** A file of feedback. */
    public static byte[] feedback(List<String> lines) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(bytes)) {
            for (var line : lines) {
                zip.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /**
     * A line of feedback.
     *
     * @param label {@code null} where figures alone were given
     */
    public static String said(String id, int row, String label, String received) {
        return "{\"time\":\"%s\",\"received\":\"%s\",\"request_id\":\"%s\",\"row\":%d,\"label\":%s,\"figures\":{}}"
                .formatted(received, received, id, row, label == null ? "null" : "\"" + label + "\"");
    }

    /** A line of feedback with a figure. */
    public static String figure(String id, int row, String name, double value, String received) {
        return "{\"time\":\"%s\",\"received\":\"%s\",\"request_id\":\"%s\",\"row\":%d,\"label\":null,\"figures\":{\"%s\":%s}}"
                .formatted(received, received, id, row, name, value);
    }
}
