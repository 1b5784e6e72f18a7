package dev.tatara.api.v1alpha1.driftpolicy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
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
import java.util.Map;

/**
 * What is watched, what counts as a breach, and what is done then.
 *
 * @param target What is watched.
 * @param reference What live data are compared with.
 * @param window Which live data are compared, and how often.
 * @param data Drift and quality of features.
 * @param prediction Drift of answers.
 * @param performance Metrics of the model against labels.
 * @param service Latency, errors and throughput.
 * @param alerts Alerts of an Alertmanager that count as a breach.
 * @param newRows New rows of a FeatureView that count as a breach.
 * @param consecutiveBreaches Evaluations in a row that must breach before an action is taken. 3 where absent.
 * @param cooldown Time after an action in which none is taken again. 24h where absent.
 * @param actions What is done.
 * @param receivers Who is told.
 * @param report Reports in HTML.
 * @param suspend Evaluates nothing until false again.
 */
@ApiType
public record DriftPolicySpec(
        @Required Target target,
        Reference reference,
        Window window,
        DataDrift data,
        Threshold prediction,
        @Size(max = 16) List<Performance> performance,
        ServiceLevel service,
        Alerts alerts,
        NewRows newRows,
        @Min(1) @Max(1000) Integer consecutiveBreaches,
        TimeSpan cooldown,
        @Size(max = 16) List<Action> actions,
        @Size(max = 16) @JsonProperty("notify") List<Receiver> receivers,
        Report report,
        Boolean suspend) {
    public DriftPolicySpec {
        performance = Absent.orCopy(performance);
        actions = Absent.orCopy(actions);
        receivers = Absent.orCopy(receivers);
    }

    /**
     * What is watched.
     *
     * @param inferenceService Name of the InferenceService, in the same namespace.
     */
    @ApiType
    public record Target(
            @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String inferenceService) {}

    /**
     * What live data are compared with: exactly one of baseline, uri and window.
     *
     * @param baseline ModelVersion: the profile of the version that is serving.
     * @param uri A profile or table.
     * @param window Live data of this length.
     * @param offset How long before now the window ends, for seasons.
     */
    @ApiType
    @ValidationRule(
            value = "[has(self.baseline), has(self.uri), has(self.window)].filter(present, present).size() == 1",
            message = "expected exactly one of baseline (the version's profile), uri (a profile or table) and window"
                    + " (earlier live data)")
    @ValidationRule(
            value = "!has(self.offset) || has(self.window)",
            message = "offset goes with window: set both, or remove offset")
    public record Reference(
            Baseline baseline,

            @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
            String uri,

            @Positive TimeSpan window,
            TimeSpan offset) {

        /** Where a profile comes from. */
        @ApiEnum
        public enum Baseline {
            ModelVersion
        }
    }

    /**
     * Which live data are compared, and how often.
     *
     * @param length Length of the window. 24h where absent.
     * @param every Time between two evaluations. 1h where absent.
     * @param minSamples Samples that it takes for a verdict. 1000 where absent.
     */
    @ApiType
    public record Window(
            @Positive TimeSpan length,
            @Positive TimeSpan every,
            @Min(1) @Max(1_000_000_000) Long minSamples) {}

    /**
     * A test and its bound, in the unit that the bound's name says.
     *
     * @param test The test. Auto where absent.
     * @param distance Smallest distance that counts as drift.
     * @param pValue Largest p-value that counts as drift.
     * @param warn Distance or p-value that is worth a warning, in the bound's unit.
     */
    @ApiType
    @ValidationRule(
            value = "!(has(self.distance) && has(self.pValue))",
            message = "a test has a distance or a pValue: remove the one that it hasn't")
    @ValidationRule(
            value = "!(has(self.distance) && has(self.test) && self.test in ['ChiSquare', 'ZTest'])",
            message = "ChiSquare and ZTest have a pValue: set pValue in place of distance, or another test")
    @ValidationRule(
            value = "!(has(self.pValue) && has(self.test)"
                    + " && self.test in ['Wasserstein', 'PSI', 'JensenShannon', 'KullbackLeibler'])",
            message = "Wasserstein, PSI, JensenShannon and KullbackLeibler have a distance: set distance in place of"
                    + " pValue, or another test")
    public record Threshold(
            DriftTest test,
            @Min(0) Double distance,
            @Min(0) @Max(1) Double pValue,
            @Min(0) Double warn) {}

    /**
     * Drift and quality of features.
     *
     * @param share Share of drifted features that counts as a breach, from 0 to 1. 0.5 where absent.
     * @param warn Share of drifted features that is worth a warning.
     * @param defaults Test and bound of features that have none of their own.
     * @param features Tests and bounds of single features.
     * @param correction Correction for testing many features at once. BenjaminiHochberg where absent.
     * @param quality Quality of live data.
     */
    @ApiType
    public record DataDrift(
            @Min(0) @Max(1) Double share,
            @Min(0) @Max(1) Double warn,
            Threshold defaults,
            @Size(max = 1024) List<FeatureThreshold> features,
            Correction correction,
            Quality quality) {
        public DataDrift {
            features = Absent.orCopy(features);
        }

        /** Correction for testing many features at once. */
        @ApiEnum
        public enum Correction {
            None,
            BenjaminiHochberg
        }
    }

    /**
     * Test and bound of one feature.
     *
     * @param name Name of the feature.
     * @param test The test. Auto where absent.
     * @param distance Smallest distance that counts as drift.
     * @param pValue Largest p-value that counts as drift.
     * @param warn Distance or p-value that is worth a warning, in the bound's unit.
     */
    @ApiType
    @ValidationRule(
            value = "!(has(self.distance) && has(self.pValue))",
            message = "a test has a distance or a pValue: remove the one that it hasn't")
    @ValidationRule(
            value = "!(has(self.distance) && has(self.test) && self.test in ['ChiSquare', 'ZTest'])",
            message = "ChiSquare and ZTest have a pValue: set pValue in place of distance, or another test")
    @ValidationRule(
            value = "!(has(self.pValue) && has(self.test)"
                    + " && self.test in ['Wasserstein', 'PSI', 'JensenShannon', 'KullbackLeibler'])",
            message = "Wasserstein, PSI, JensenShannon and KullbackLeibler have a distance: set distance in place of"
                    + " pValue, or another test")
    public record FeatureThreshold(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String name,

            DriftTest test,
            @Min(0) Double distance,
            @Min(0) @Max(1) Double pValue,
            @Min(0) Double warn)
            implements Named {}

    /**
     * Quality of live data.
     *
     * @param maxNullRatio Largest good share of missing values of a feature, from 0 to 1.
     * @param meanWithinSigmas Largest good distance of a mean from the reference's, in its standard deviations.
     */
    @ApiType
    public record Quality(
            @Min(0) @Max(1) Double maxNullRatio,
            @Min(value = 0, inclusive = false) Double meanWithinSigmas) {}

    /**
     * A metric of the model against labels.
     *
     * @param metric Name of the metric: accuracy, f1, roc_auc, rmse, ….
     * @param min Smallest good value.
     * @param max Largest good value.
     * @param warn Value that is worth a warning.
     * @param labels Where labels come from. Feedback where absent.
     * @param uri File of labels, with labels File.
     * @param window How far back predictions are taken. 7d where absent.
     * @param samples Only the latest predictions, this many.
     * @param minSamples Labelled predictions that it takes for a verdict. 100 where absent.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.min) || has(self.max)",
            message = "performance needs a bound: set min, max or both")
    @ValidationRule(
            value = "!has(self.labels) || (self.labels == 'File') == has(self.uri)",
            message = "uri goes with labels File and only with it")
    public record Performance(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String metric,

            Double min,
            Double max,
            Double warn,
            LabelSource labels,

            @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
            String uri,

            @Positive TimeSpan window,
            @Min(1) @Max(1_000_000_000) Long samples,
            @Min(1) @Max(1_000_000_000) Long minSamples) {}

    /** Where labels come from. */
    @ApiEnum
    public enum LabelSource {
        Feedback,
        File
    }

    /**
     * Latency, errors and throughput.
     *
     * @param latencyP99Millis Largest good 99th percentile of the latency, in milliseconds.
     * @param errorRate Largest good share of requests that fail, from 0 to 1.
     * @param throughputMin Smallest good number of requests per second.
     * @param warn Bounds that are worth a warning.
     */
    @ApiType
    public record ServiceLevel(
            @Min(value = 0, inclusive = false) Double latencyP99Millis,
            @Min(0) @Max(1) Double errorRate,
            @Min(0) Double throughputMin,
            ServiceWarning warn) {}

    /**
     * Bounds that are worth a warning.
     *
     * @param latencyP99Millis Largest 99th percentile of the latency without a warning, in milliseconds.
     * @param errorRate Largest share of requests that fail without a warning, from 0 to 1.
     * @param throughputMin Smallest number of requests per second without a warning.
     */
    @ApiType
    public record ServiceWarning(
            @Min(value = 0, inclusive = false) Double latencyP99Millis,
            @Min(0) @Max(1) Double errorRate,
            @Min(0) Double throughputMin) {}

    /**
     * Alerts that count as a breach.
     *
     * @param matchLabels Labels that an alert must have, all of them.
     */
    @ApiType
    public record Alerts(@Required @Size(min = 1, max = 32) Map<String, @Size(max = 1024) String> matchLabels) {
        public Alerts {
            matchLabels = Absent.orCopy(matchLabels);
        }
    }

    /**
     * New rows that count as a breach.
     *
     * @param featureView Name of the FeatureView, in the same namespace.
     * @param atLeast Rows since the last run.
     */
    @ApiType
    public record NewRows(
            @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String featureView,

            @Required @Min(1) Long atLeast) {}

    /**
     * Reports in HTML.
     *
     * @param html Whether each evaluation leaves a report.
     * @param keep How many are kept. 30 where absent.
     */
    @ApiType
    public record Report(Boolean html, @Min(1) @Max(10_000) Integer keep) {}
}
