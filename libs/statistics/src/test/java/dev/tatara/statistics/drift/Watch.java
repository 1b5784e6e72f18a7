package dev.tatara.statistics.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
    private final Deque<List<Sketch>> hours = new ArrayDeque<>();

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

    /** An hour of traffic: the oldest one leaves the window. */
    void hour(double shift, int shifted) {
        hours.addLast(traffic.sketches(rowsPerHour, shift, shifted));
        if (hours.size() > WINDOW) {
            hours.removeFirst();
        }
    }

    /** What an evaluation says. */
    DriftShare evaluate() {
        Map<String, Comparison> found = new TreeMap<>();
        for (int i = 0; i < reference.size(); i++) {
            found.put("f" + i, DriftTests.compare(reference.get(i), window(i), rule));
        }
        return DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null);
    }

    private Sketch window(int feature) {
        List<Sketch> parts = new ArrayList<>();
        hours.forEach(hour -> parts.add(hour.get(feature)));
        Sketch merged = parts.getFirst().copy();
        for (Sketch part : parts.subList(1, parts.size())) {
            switch (merged) {
                case NumberSketch numbers -> numbers.merge((NumberSketch) part);
                case CategorySketch categories -> categories.merge((CategorySketch) part);
            }
        }
        return merged;
    }

    /**
     * Evaluates each of the coming hours, the window before being quiet.
     *
     * @return the share of drifted features after each
     */
    double[] run(int evaluations, double shift, int shifted) {
        for (int hour = 0; hour < WINDOW; hour++) {
            hour(0, 0);
        }
        double[] shares = new double[evaluations];
        for (int i = 0; i < evaluations; i++) {
            hour(shift, shifted);
            shares[i] = evaluate().share();
        }
        return shares;
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
