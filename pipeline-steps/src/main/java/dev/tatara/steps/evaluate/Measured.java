package dev.tatara.steps.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.FollowedStage;
import java.util.List;
import java.util.Map;

/**
 * Everything that was measured of a model.
 *
 * @param metrics of all rows, latencies and stability included
 * @param stability share of equal answers by standard deviation of the noise
 * @param slices metrics by column, then by value
 * @param compared metrics of other versions on the same rows, by stage
 * @param leakage features by how much they tell of the label, the most telling first
 * @param classRate largest difference between a class's share of answers and of labels
 * @param importance how much worse the model gets without a feature, the most important first
 */
record Measured(
        Map<String, Figure> metrics,
        Map<Double, Figure> stability,
        Map<String, Map<String, Slice>> slices,
        Map<FollowedStage, Compared> compared,
        List<Correlation> leakage,
        Figure classRate,
        List<Importance> importance) {

    /**
     * Rows with the same value in a column.
     *
     * @param rows how many
     * @param metrics of these rows
     */
    record Slice(int rows, Map<String, Figure> metrics) {}

    /**
     * Another version on the same rows.
     *
     * @param metrics of all rows
     * @param slices metrics by column, then by value
     * @param distribution how its answers differ
     */
    record Compared(
            Map<String, Figure> metrics, Map<String, Map<String, Slice>> slices, AnswerDistribution distribution) {}

    /**
     * How much a feature tells of the label.
     *
     * @param feature its name
     * @param method pearson, correlationRatio or cramersV
     * @param value 0 to 1
     */
    record Correlation(String feature, String method, double value) {}

    /**
     * How much worse the model gets when a feature's values are dealt out anew.
     *
     * @param feature its name
     * @param loss how much the metric gets worse; about 0 for a feature that the model doesn't need
     */
    record Importance(String feature, double loss) {}

    /**
     * Answers of this model beside those of another one to the same rows.
     *
     * @param agreement share of rows with the same answer, 0 to 1
     * @param populationStability population stability index of this model's answers against the other's
     * @param shares of the classes, or of ten parts of equal size of the other's numbers
     */
    record AnswerDistribution(double agreement, double populationStability, List<Share> shares) {}

    /**
     * One class or range of answers.
     *
     * @param name of the class, or the range
     * @param candidate share of this model's answers, 0 to 1
     * @param other share of the other model's answers, 0 to 1
     * @param labels share of the labels, where these are classes
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Share(String name, double candidate, double other, Double labels) {}
}
