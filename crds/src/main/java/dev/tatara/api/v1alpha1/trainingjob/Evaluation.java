package dev.tatara.api.v1alpha1.trainingjob;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.FollowedStage;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * How a model is judged on the data that was held back.
 *
 * @param metrics Metrics to compute: accuracy, precision, recall, f1, roc_auc, log_loss, mae, rmse, r2.
 * @param averaging How precision, recall and f1 are averaged over classes: Binary, Macro, Micro or Weighted. Binary
 *     with two classes and Macro with more, where absent.
 * @param positiveClass Class that precision, recall and f1 are about, with averaging Binary.
 * @param gates What must hold; all of them, or nothing is registered.
 */
@ApiType
public record Evaluation(
        @Size(max = 32)
        List<@Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER) String> metrics,

        Averaging averaging,
        @Size(max = 256) String positiveClass,
        @Size(max = 64) List<Gate> gates) {
    public Evaluation {
        metrics = Absent.orCopy(metrics);
        gates = Absent.orCopy(gates);
    }

    /** How metrics of classes are averaged. */
    @ApiEnum
    public enum Averaging {
        Binary,
        Macro,
        Micro,
        Weighted
    }

    /**
     * Something that must hold of a trained model. A bound is the last good value.
     *
     * @param metric Name of a metric, or stability (share of answers that stay under noise), latencyP99Millis,
     *     latencyMeanMillis.
     * @param min Smallest good value.
     * @param max Largest good value.
     * @param slice Column by whose values the rows are divided; the gate must hold in every slice.
     * @param noise Standard deviation of the noise, in the features' own, with the metric stability.
     * @param notWorseThan Stage whose version the model is compared with, on the same rows.
     * @param tolerance How much worse is still good, with notWorseThan.
     * @param leakage Refuses features that give the label away.
     * @param classRate Refuses a model whose answers are distributed otherwise than the labels.
     */
    @ApiType
    @ValidationRule(
            value = "[has(self.metric), has(self.leakage), has(self.classRate)].filter(present, present).size() == 1",
            message = "a gate is about exactly one of metric, leakage and classRate")
    @ValidationRule(
            value = "!has(self.metric) || has(self.min) || has(self.max) || has(self.notWorseThan)",
            message = "a gate on a metric needs a bound: set min, max or notWorseThan")
    @ValidationRule(
            value = "!(has(self.min) && has(self.max)) || self.min <= self.max",
            message = "min must not be above max: no value could pass")
    @ValidationRule(
            value = "!has(self.tolerance) || has(self.notWorseThan)",
            message = "tolerance goes with notWorseThan: set both, or remove tolerance")
    public record Gate(
            @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String metric,

            Double min,
            Double max,

            @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String slice,

            @Min(value = 0, inclusive = false) Double noise,
            FollowedStage notWorseThan,
            @Min(0) Double tolerance,
            Leakage leakage,
            ClassRate classRate) {}

    /**
     * Features that give the label away.
     *
     * @param maxCorrelation Largest good absolute correlation of a feature with the label, from 0 to 1.
     */
    @ApiType
    public record Leakage(@Required @Min(0) @Max(1) Double maxCorrelation) {}

    /**
     * The distribution of answers.
     *
     * @param maxDeviation Largest good difference between a class's share of answers and its share of labels.
     */
    @ApiType
    public record ClassRate(@Required @Min(0) @Max(1) Double maxDeviation) {}
}
