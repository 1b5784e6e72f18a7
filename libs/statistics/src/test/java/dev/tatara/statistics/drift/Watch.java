package dev.tatara.statistics.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a policy with defaults makes of traffic: a window of 24 hours, each hour anew, several breaches in a row. */
final class Watch {
    static final int WINDOW = 24;
    static final int CONSECUTIVE = 3;
    private static final long MIN_SAMPLES = 1000;

    private final Traffic traffic;
    private final int rowsPerHour;
    private final Rule rule;
    private final List<Sketch> reference;

    /**
     * @param referenceRows rows that the reference has seen
     * @param rowsPerHour of live traffic
     */
    Watch(Traffic traffic, int referenceRows, int rowsPerHour, Method method) {
        this.traffic = traffic;
        this.rowsPerHour = rowsPerHour;
        this.rule = Rule.of(method, MIN_SAMPLES);
        this.reference = traffic.sketches(referenceRows, 0, 0);
    }

    /**
     * Evaluates each of the coming hours, after a quiet window.
     *
     * @return the share of drifted features after each
     */
    double[] run(int evaluations, double shift, int shifted) {
        // Of the quiet window the last i hours, merged once for all evaluations that need them.
        List<List<Sketch>> quiet = new ArrayList<>();
        quiet.add(null);
        for (int i = 1; i <= WINDOW; i++) {
            quiet.add(merged(quiet.getLast(), traffic.sketches(rowsPerHour, 0, 0)));
        }
        List<List<Sketch>> coming = new ArrayList<>();
        double[] shares = new double[evaluations];
        List<Sketch> all = null;
        for (int i = 0; i < evaluations; i++) {
            coming.add(traffic.sketches(rowsPerHour, shift, shifted));
            all = merged(all, coming.getLast());
            shares[i] = evaluate(i + 1 <= WINDOW ? merged(quiet.get(WINDOW - i - 1), all) : latest(coming))
                    .share();
        }
        return shares;
    }

    private static List<Sketch> latest(List<List<Sketch>> hours) {
        List<Sketch> window = null;
        for (List<Sketch> hour : hours.subList(hours.size() - WINDOW, hours.size())) {
            window = merged(window, hour);
        }
        return window;
    }

    /** Both together; each stays as it is. */
    private static List<Sketch> merged(List<Sketch> one, List<Sketch> other) {
        List<Sketch> merged = new ArrayList<>();
        for (int i = 0; i < other.size(); i++) {
            Sketch sketch = other.get(i).copy();
            if (one != null) {
                switch (sketch) {
                    case NumberSketch numbers -> numbers.merge((NumberSketch) one.get(i));
                    case CategorySketch categories -> categories.merge((CategorySketch) one.get(i));
                }
            }
            merged.add(sketch);
        }
        return merged;
    }

    private DriftShare evaluate(List<Sketch> window) {
        Map<String, Comparison> found = new TreeMap<>();
        for (int i = 0; i < reference.size(); i++) {
            found.put("f" + i, DriftTests.compare(reference.get(i), window.get(i), rule));
        }
        return DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null);
    }

    /** The evaluation at which {@value #CONSECUTIVE} in a row have reached a share, from 1; 0 for none. */
    static int triggered(double[] shares, double share) {
        int row = 0;
        for (int i = 0; i < shares.length; i++) {
            row = shares[i] > 0 && shares[i] >= share ? row + 1 : 0;
            if (row == CONSECUTIVE) {
                return i + 1;
            }
        }
        return 0;
    }
}
