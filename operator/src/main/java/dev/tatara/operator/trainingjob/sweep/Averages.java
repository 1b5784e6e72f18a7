package dev.tatara.operator.trainingjob.sweep;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * What a finished trial had reported on average up to some of its steps: after 1, 2, 3, … reports and then ever more
 * seldom, so that trials of many steps are remembered in little room. Between two of these the one before stands.
 */
final class Averages {
    private static final MathContext DIGITS = new MathContext(5);
    private static final int STEP_PERCENT = 25;

    private Averages() {}

    /** The averages of a trial's reports; NaN among these say nothing. */
    static List<Double> of(List<Double> reports) {
        List<Double> averages = new ArrayList<>();
        double sum = 0;
        int numbers = 0;
        int next = 1;
        for (int step = 1; step <= reports.size(); step++) {
            double report = reports.get(step - 1);
            if (Double.isFinite(report)) {
                sum += report;
                numbers++;
            }
            if (step == next) {
                averages.add(numbers == 0 ? Double.NaN : rounded(sum / numbers));
                next = after(next);
            }
        }
        return averages;
    }

    /** The average up to a step, as a trial of one report has it; empty if nothing was reported. */
    static List<Double> upTo(List<Double> averages, int step) {
        int index = -1;
        for (int at = 1; at <= step && index + 1 < averages.size(); at = after(at)) {
            index++;
        }
        return index < 0 ? List.of() : List.of(averages.get(index));
    }

    private static int after(int step) {
        return step + Math.max(1, step * STEP_PERCENT / 100);
    }

    private static double rounded(double average) {
        return Double.isFinite(average)
                ? BigDecimal.valueOf(average).round(DIGITS).doubleValue()
                : Double.NaN;
    }
}
