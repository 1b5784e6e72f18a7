package dev.tatara.statistics.search;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The median stopping rule (Golovin et al. 2017), as Katib's {@code medianstop}: a trial is stopped at a step when the
 * best that it has reported so far is worse than the median of what the finished trials had reported on average up to
 * that step.
 *
 * @param goal which direction of the objective is good
 * @param minTrials finished trials that it takes to compare, 1 or more; Katib's default is 3
 * @param startStep reports before which no trial is stopped, 0 or more; Katib's default is 4
 */
public record MedianStop(Goal goal, int minTrials, int startStep) {
    public static final int DEFAULT_MIN_TRIALS = 3;
    public static final int DEFAULT_START_STEP = 4;

    public MedianStop {
        if (minTrials < 1 || startStep < 0) {
            throw new IllegalArgumentException("expected minTrials of 1 or more and startStep of 0 or more, found "
                    + minTrials + " and " + startStep);
        }
    }

    /**
     * Why a trial is stopped.
     *
     * @param step reports of the trial so far
     * @param best the best of them; NaN where none is a number
     * @param median of the finished trials' averages up to that step
     */
    public record Reason(int step, double best, double median) {}

    /**
     * Judges a running trial.
     *
     * @param reports what it has reported of the objective, in order; NaN counts as a report that says nothing
     * @param finished reports of trials that ended well, in order, each
     * @return nothing if it may go on
     */
    public Optional<Reason> judge(List<Double> reports, Collection<List<Double>> finished) {
        int step = reports.size();
        if (step == 0 || step < startStep) {
            return Optional.empty();
        }
        double[] averages = finished.stream()
                .mapToDouble(of -> average(of.subList(0, Math.min(step, of.size()))))
                .filter(average -> !Double.isNaN(average))
                .sorted()
                .toArray();
        if (averages.length < minTrials) {
            return Optional.empty();
        }
        double median = median(averages);
        double best = best(reports);
        boolean worse = Double.isNaN(best) || goal.loss(best) > goal.loss(median);
        return worse ? Optional.of(new Reason(step, best, median)) : Optional.empty();
    }

    private static double average(List<Double> reports) {
        return reports.stream()
                .mapToDouble(Double::doubleValue)
                .filter(report -> !Double.isNaN(report))
                .average()
                .orElse(Double.NaN);
    }

    private double best(List<Double> reports) {
        double[] numbers = reports.stream()
                .mapToDouble(Double::doubleValue)
                .filter(report -> !Double.isNaN(report))
                .toArray();
        return (goal == Goal.Maximize
                        ? Arrays.stream(numbers).max()
                        : Arrays.stream(numbers).min())
                .orElse(Double.NaN);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
