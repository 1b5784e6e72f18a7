package dev.tatara.runtime.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Settings that are measured by turns, so that whatever else a machine does hits all of them alike. */
final class Rounds {
    private static final int WARM_UPS = 2;

    private final Map<String, List<Round>> rounds = new LinkedHashMap<>();

    /**
     * What one round of a setting came to.
     *
     * @param p50 median of the answers' times, µs
     * @param p99 99th percentile of them, µs
     * @param cpu CPU time of the pods per request, µs
     */
    record Round(double p50, double p99, double cpu) {
        /**
         * Of single answers.
         *
         * @param micros the times of the answers; sorted by this
         */
        static Round of(double[] micros, double cpu) {
            Arrays.sort(micros);
            return new Round(micros[micros.length / 2], micros[micros.length * 99 / 100], cpu);
        }
    }

    /** Something that pods are set to. */
    interface Setting {
        void set() throws Exception;
    }

    /** Asks so often, with the pods as they are. */
    interface Measurement {
        Round measure() throws Exception;
    }

    /** Differences of two settings, round by round, as they followed each other. */
    record Difference(double least, double median, double most) {
        static Difference of(double[] differences) {
            Arrays.sort(differences);
            return new Difference(differences[0], Rounds.median(differences), differences[differences.length - 1]);
        }

        /** Whether the other's median is one that these had by chance. */
        boolean covers(Difference other) {
            return other.median >= least && other.median <= most;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%+.0f µs (%+.0f to %+.0f)", median, least, most);
        }
    }

    static Rounds of(int count, Map<String, Setting> settings, Measurement measurement) throws Exception {
        Rounds rounds = new Rounds();
        for (int round = -WARM_UPS; round < count; round++) {
            for (Map.Entry<String, Setting> setting : settings.entrySet()) {
                setting.getValue().set();
                Round measured = measurement.measure();
                if (round >= 0) {
                    rounds.rounds
                            .computeIfAbsent(setting.getKey(), any -> new ArrayList<>())
                            .add(measured);
                }
            }
        }
        return rounds;
    }

    List<Round> of(String setting) {
        return rounds.get(setting);
    }

    /** Medians of rounds, a line for each setting. */
    void print() {
        System.out.printf(Locale.ROOT, "%-24s %10s %10s %22s%n", "", "p50 µs", "p99 µs", "CPU µs, both pods");
        rounds.keySet()
                .forEach(name -> System.out.printf(
                        Locale.ROOT,
                        "%-24s %10.0f %10.0f %22.1f%n",
                        name,
                        median(name, Round::p50),
                        median(name, Round::p99),
                        median(name, Round::cpu)));
    }

    double median(String setting, ToDoubleFunction<Round> figure) {
        return median(rounds.get(setting).stream().mapToDouble(figure).toArray());
    }

    Difference difference(String some, String base, ToDoubleFunction<Round> figure) {
        double[] differences = new double[rounds.get(some).size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = figure.applyAsDouble(rounds.get(some).get(i))
                    - figure.applyAsDouble(rounds.get(base).get(i));
        }
        return Difference.of(differences);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
