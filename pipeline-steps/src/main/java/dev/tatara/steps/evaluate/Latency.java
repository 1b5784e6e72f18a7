package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepFailure;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a run of a single row takes on one thread, in milliseconds: rows of the data, for a second at most. */
final class Latency {
    private static final int WARM_UP_RUNS = 50;
    private static final int MOST_RUNS = 1000;
    private static final Duration MEASURE_FOR = Duration.ofSeconds(1);

    private Latency() {}

    static Map<String, Figure> of(ModelRunner model, Batch sample) throws StepFailure {
        var start = System.nanoTime();
        for (int i = 0; i < WARM_UP_RUNS && withinTime(start); i++) {
            model.run(sample, i % sample.rows(), 1);
        }
        start = System.nanoTime();
        var nanos = new double[MOST_RUNS];
        var runs = 0;
        do {
            var before = System.nanoTime();
            model.run(sample, runs % sample.rows(), 1);
            nanos[runs++] = System.nanoTime() - before;
        } while (runs < MOST_RUNS && withinTime(start));
        var sorted = Arrays.copyOf(nanos, runs);
        Arrays.sort(sorted);
        var figures = new LinkedHashMap<String, Figure>();
        figures.put(Wanted.LATENCY_P50, millis(rank(sorted, 0.5)));
        figures.put(Wanted.LATENCY_P99, millis(rank(sorted, 0.99)));
        figures.put(Wanted.LATENCY_MEAN, millis(Arrays.stream(sorted).average().orElse(Double.NaN)));
        return figures;
    }

    private static boolean withinTime(long start) {
        return System.nanoTime() - start < MEASURE_FOR.toNanos();
    }

    /** Nearest rank: the smallest value that at least that share of all don't exceed. */
    static double rank(double[] sorted, double share) {
        return sorted[(int) Math.ceil(sorted.length * share) - 1];
    }

    private static Figure millis(double nanos) {
        return Figure.of(nanos / 1e6, "there are no rows");
    }
}
