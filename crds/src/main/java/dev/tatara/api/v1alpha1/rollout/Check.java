package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * One thing that must hold of a candidate. Exactly one of the blocks says what. A bound is the last good value.
 *
 * @param name Name of the check, as it appears in status and events.
 * @param errorRate Share of requests that fail.
 * @param latency A percentile of the latency, measured in the answering server.
 * @param predictionDrift Distance between the candidate's answers and stable's.
 * @param performance A metric of the model against labels.
 * @param prometheus A query to a Prometheus.
 * @param job A Job of one's own; exit code 0 passes.
 */
@ApiType
@ValidationRule(
        value = "[has(self.errorRate), has(self.latency), has(self.predictionDrift), has(self.performance),"
                + " has(self.prometheus), has(self.job)].filter(present, present).size() == 1",
        message = "a check has exactly one of the blocks errorRate, latency, predictionDrift, performance, prometheus"
                + " and job: make one check of each, with a name of its own")
public record Check(
        @Required @Size(min = 1, max = Grammar.LABEL_LENGTH) @Pattern(Grammar.LABEL)
        String name,

        ErrorRate errorRate,
        Latency latency,
        PredictionDrift predictionDrift,
        Performance performance,
        Prometheus prometheus,
        JobCheck job)
        implements Named {

    /**
     * Share of requests that fail.
     *
     * @param max Largest good share, from 0 to 1.
     * @param significantlyWorse Fails when the candidate is worse than stable beyond chance.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.max) != has(self.significantlyWorse)",
            message = "errorRate takes max or significantlyWorse, one of them: make a check of each to have both")
    public record ErrorRate(@Min(0) @Max(1) Double max, Significance significantlyWorse) {}

    /**
     * A sequential test of candidate against stable.
     *
     * @param alpha Probability of calling a candidate worse that isn't, over the whole rollout.
     */
    @ApiType
    public record Significance(
            @Required @Min(value = 0, inclusive = false) @Max(value = 0.5, inclusive = false)
            Double alpha) {}

    /**
     * A percentile of the latency.
     *
     * @param percentile Which percentile, above 0 and below 100: 99 or 99.9.
     * @param maxMillis Largest good value in milliseconds.
     * @param maxIncreasePercent Largest good increase over stable in the same window, in per cent.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.maxMillis) != has(self.maxIncreasePercent)",
            message = "latency takes maxMillis or maxIncreasePercent, one of them: make a check of each to have both")
    public record Latency(
            @Required @Min(value = 0, inclusive = false) @Max(value = 100, inclusive = false)
            Double percentile,

            @Min(value = 0, inclusive = false) Double maxMillis,
            @Min(0) Double maxIncreasePercent) {}

    /**
     * Distance between the candidate's answers and stable's.
     *
     * @param test Measure of the distance. PSI where absent.
     * @param maxDistance Largest good distance.
     */
    @ApiType
    public record PredictionDrift(
            DistanceTest test, @Required @Min(0) Double maxDistance) {}

    /** Measures of the distance between two distributions. */
    @ApiEnum
    public enum DistanceTest {
        PSI,
        JensenShannon,
        KullbackLeibler,
        Wasserstein
    }

    /**
     * A metric of the model against labels.
     *
     * @param metric Name of the metric: accuracy, f1, roc_auc, rmse, ….
     * @param min Smallest good value.
     * @param max Largest good value.
     * @param source Where labels come from. Feedback where absent.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.min) || has(self.max)",
            message = "performance needs a bound: set min, max or both")
    public record Performance(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String metric,

            Double min,
            Double max,
            LabelSource source) {}

    /** Where labels come from. */
    @ApiEnum
    public enum LabelSource {
        Feedback
    }

    /**
     * A query to a Prometheus.
     *
     * @param address URL of the Prometheus.
     * @param secretRef Secret with token, or username and password, and ca.crt where needed.
     * @param query PromQL whose result is one number. {{stable}} and {{candidate}} stand for the revisions,
     *     {{service}} and {{namespace}} for the service.
     * @param min Smallest good value.
     * @param max Largest good value.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.min) || has(self.max)",
            message = "prometheus needs a bound: set min, max or both")
    public record Prometheus(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^https?://.+$")
            String address,

            LocalReference secretRef,
            @Required @Size(min = 1, max = 4096) String query,
            Double min,
            Double max) {}

    /**
     * A Job of one's own. It finds the URLs of both sides in TATARA_STABLE_URL and TATARA_CANDIDATE_URL.
     *
     * @param image Image of the Job's container.
     * @param command Command in place of the image's entry point.
     * @param args Arguments of the command.
     * @param serviceAccountName ServiceAccount of the Job's pod, where it needs one.
     * @param timeout How long the Job may take. 10m where absent.
     */
    @ApiType
    public record JobCheck(
            @Required @Size(min = 1, max = 512) String image,
            @Size(max = 64) List<@Size(max = 4096) String> command,
            @Size(max = 64) List<@Size(max = 4096) String> args,

            @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String serviceAccountName,

            @Positive TimeSpan timeout) {
        public JobCheck {
            command = Absent.orCopy(command);
            args = Absent.orCopy(args);
        }
    }
}
