package dev.tatara.runtime.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
     * @param rate answers per second
     * @param cpu CPU time of the pods per request, µs
     */
    record Round(double p50, double p99, double rate, double cpu) {
        /**
         * Of single answers.
         *
         * @param nanos how long each took; sorted by this
         * @param took how long all took, ns
         * @param cpu what the pods used of CPUs meanwhile, ns
         */
        static Round of(long[] nanos, long took, long cpu) {
            Arrays.sort(nanos);
            int count = nanos.length;
            return new Round(
                    nanos[count / 2] / 1e3, nanos[count * 99 / 100] / 1e3, count * 1e9 / took, cpu / 1e3 / count);
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

        /** Whether the other's median is no further away than these were by chance, either way. */
        boolean covers(Difference other) {
            return Math.abs(other.median) <= Math.max(Math.abs(least), Math.abs(most));
        }
    }

    /** Every second round takes the settings in the opposite order, so that none always comes after the same one. */
    static Rounds of(int count, Map<String, Setting> settings, Measurement measurement) throws Exception {
        Rounds rounds = new Rounds();
        List<String> names = List.copyOf(settings.keySet());
        names.forEach(name -> rounds.rounds.put(name, new ArrayList<>()));
        for (int round = -WARM_UPS; round < count; round++) {
            for (String name : round % 2 == 0 ? names : names.reversed()) {
                settings.get(name).set();
                Round measured = measurement.measure();
                if (round >= 0) {
                    rounds.rounds.get(name).add(measured);
                }
            }
        }
        return rounds;
    }

    /** The settings, in the order of their first round. */
    List<String> settings() {
        return List.copyOf(rounds.keySet());
    }

    List<Round> of(String setting) {
        return rounds.get(setting);
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
