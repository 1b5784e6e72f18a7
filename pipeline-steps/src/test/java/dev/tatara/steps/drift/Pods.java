package dev.tatara.steps.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;

/** Pods of a service that write panes as pods do. */
final class Pods {
    static final String FOLDER = "drift/shop/churn/";
    static final String REVISION = "55ab012345";

    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final MemoryFiles files;

    Pods(MemoryFiles files) {
        this.files = files;
    }

    /**
     * What a pane is like.
     *
     * @param rows rows that were answered
     * @param mean of {@code spend_30d}, whose standard deviation is 1
     * @param gold share of customers in tier gold
     */
    record Rows(int rows, double mean, double gold) {
        static Rows of(int rows) {
            return new Rows(rows, 12.3, 0.25);
        }
    }

    static String key(String revision, String pod, String boot, long number, Instant start) {
        return FOLDER + revision + "/" + SECOND.format(start) + "/" + pod + "-" + boot + "-" + number + ".bin";
    }

    /** One pane of a pod. */
    String write(String pod, String boot, long number, Instant start, Duration length, Rows rows, boolean last) {
        var key = key(REVISION, pod, boot, number, start);
        files.all().put(key, PaneFormat.write(pane(pod, boot, number, start, length, rows, last)));
        return key;
    }

    /** Panes one after the other, and the last is the last. */
    void write(String pod, String boot, Instant from, Instant to, Duration length, Rows rows) {
        long number = 0;
        for (var start = from; start.isBefore(to); start = start.plus(length)) {
            var isLast = !start.plus(length).isBefore(to);
            write(pod, boot, number++, start, length, rows, isLast);
        }
    }

    static Pane pane(String pod, String boot, long number, Instant start, Duration length, Rows rows, boolean last) {
        var random = new Random(start.toEpochMilli() * 31 + pod.hashCode() * 17L + number);
        var spend = new NumberSketch();
        var visits = new NumberSketch();
        var tier = new CategorySketch();
        var label = new CategorySketch();
        var latency = new LatencyHistogram();
        for (int i = 0; i < rows.rows(); i++) {
            spend.update((float) (rows.mean() + random.nextGaussian()));
            visits.update(random.nextInt(4));
            tier.update(random.nextDouble() < rows.gold() ? "gold" : "plain");
            label.update(random.nextDouble() < 0.3 ? 1L : 0L);
            latency.record(1_000_000L + random.nextInt(1_000_000));
        }
        return new Pane(
                new Origin("shop", "churn", REVISION, "churn", "3", pod, boot, number, last),
                start,
                start.plus(length),
                1,
                rows.rows(),
                rows.rows(),
                new Traffic(rows.rows(), 0, 0, latency),
                List.of(
                        new Column(Role.Feature, "spend_30d", spend),
                        new Column(Role.Feature, "visits", visits),
                        new Column(Role.Feature, "tier", tier),
                        new Column(Role.Prediction, "label", label)));
    }
}
