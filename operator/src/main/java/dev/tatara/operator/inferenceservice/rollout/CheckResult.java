package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * What one evaluation of a check found.
 *
 * @param name name of the check in the analysis; {@link #COMPARISON} and {@link #EXPERIMENT} are the stage's own
 * @param stable what was measured of stable; {@code null} where nothing was
 * @param candidate what was measured of the candidate; {@code null} where nothing was
 * @param samples samples of the candidate that the verdict rests on
 * @param verdict Failed only where samples suffice
 * @param message what was expected and what was found
 */
public record CheckResult(String name, Double stable, Double candidate, long samples, Verdict verdict, String message) {
    /** The comparison of mirrored answers. */
    public static final String COMPARISON = "comparison";

    /** The experiment: Passed when the candidate won, Failed when it lost, InsufficientData until decided. */
    public static final String EXPERIMENT = "experiment";

    /** A figure as people read it: four digits are enough. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return Double.toString(new BigDecimal(value).round(new MathContext(4)).doubleValue());
    }
}
