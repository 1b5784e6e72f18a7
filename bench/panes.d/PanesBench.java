package dev.tatara.bench.panes;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.Traffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Random;

/** Makes what pods would have written. */
public final class PanesBench {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private PanesBench() {}

    /** {@code STORE PODS FEATURES START PANES MINUTES ROWS}, and the profile beside the store. */
    public static void main(String[] arguments) throws Exception {
        var store = Path.of(arguments[0]);
        var pods = Integer.parseInt(arguments[1]);
        var features = Integer.parseInt(arguments[2]);
        var from = Instant.parse(arguments[3]);
        var panes = Integer.parseInt(arguments[4]);
        var length = Duration.ofMinutes(Long.parseLong(arguments[5]));
        var rows = Integer.parseInt(arguments[6]);
        long bytes = 0;
        for (int number = 0; number < panes; number++) {
            var start = from.plus(length.multipliedBy(number));
            var folder =
                    Files.createDirectories(store.resolve("drift/bench/churn/55ab012345").resolve(SECOND.format(start)));
            for (int pod = 0; pod < pods; pod++) {
                var boot = String.format("%012x", pod);
                var name = "churn-" + pod;
                var pane = PaneFormat.write(pane(name, boot, number, start, length, features, rows, number == panes - 1));
                Files.write(folder.resolve(name + "-" + boot + "-" + number + ".bin"), pane);
                bytes += pane.length;
            }
        }
        var profile = PaneFormat.write(pane("", "", 0, Instant.EPOCH, length, features, 20_000, false));
        Files.writeString(
                store.resolve("profile.json"),
                "{\"schema\":\"tatara.dev/profile/v1\",\"pane\":\"" + Base64.getEncoder().encodeToString(profile) + "\"}");
        System.out.println("bytes=" + bytes / ((long) panes * pods));
    }

    private static Pane pane(
            String pod, String boot, long number, Instant start, Duration length, int features, int rows, boolean last) {
        var random = new Random(number * 1_000_003 + pod.hashCode());
        var columns = new ArrayList<Column>();
        var values = new double[rows];
        for (int feature = 0; feature < features; feature++) {
            var numbers = new NumberSketch();
            for (int row = 0; row < rows; row++) {
                values[row] = (float) random.nextGaussian();
            }
            numbers.update(values, 0, rows);
            columns.add(new Column(Role.Feature, "feature_" + feature, numbers));
        }
        var label = new CategorySketch();
        var latency = new LatencyHistogram();
        for (int row = 0; row < rows; row++) {
            label.update(random.nextInt(3));
            latency.record(1_000_000L + random.nextInt(9_000_000));
        }
        columns.add(new Column(Role.Prediction, "label", label));
        return new Pane(
                new Origin("bench", "churn", "55ab012345", "churn", "3", pod, boot, number, last),
                start,
                start.plus(length),
                1,
                rows,
                rows,
                new Traffic(rows, 0, 0, latency),
                columns);
    }
}
