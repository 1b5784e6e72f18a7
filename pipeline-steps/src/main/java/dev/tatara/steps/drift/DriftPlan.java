package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.DataDrift;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.FeatureThreshold;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Reference;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.ServiceLevel;
import dev.tatara.api.v1alpha1.driftpolicy.DriftTest;
import dev.tatara.statistics.drift.Bound;
import dev.tatara.statistics.drift.Correction;
import dev.tatara.statistics.drift.Method;
import dev.tatara.statistics.drift.Quality;
import dev.tatara.statistics.drift.Rule;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy asks for, with what it leaves out filled in.
 *
 * @param namespace of the policy and its service
 * @param name of the policy
 * @param service name of the InferenceService
 * @param reference what is compared with; {@code null}: the model version's profile
 * @param length of the window
 * @param minSamples samples that it takes for a verdict
 * @param data how features are judged; {@code null} where they aren't
 * @param prediction how answers are judged; {@code null} where they aren't
 * @param performance metrics against labels
 * @param level what callers should meet; {@code null} where it isn't judged
 * @param html whether a report is written
 * @param keep how many evaluations are kept
 */
record DriftPlan(
        String namespace,
        String name,
        String service,
        Reference reference,
        Duration length,
        long minSamples,
        Data data,
        Rule prediction,
        List<Performance> performance,
        ServiceLevel level,
        boolean html,
        int keep) {
    private static final Duration LENGTH = Duration.ofHours(24);
    private static final long MIN_SAMPLES = 1000;
    private static final double SHARE = 0.5;
    private static final int KEEP = 30;

    /**
     * How features are judged.
     *
     * @param share of drifted features from which on it is a breach
     * @param warn share that is worth a warning; {@code null} for none
     * @param correction for testing many features
     * @param rule of features that have none of their own
     * @param rules by name of the feature
     * @param quality of live data; {@code null} where it isn't judged
     */
    record Data(double share, Double warn, Correction correction, Rule rule, Map<String, Rule> rules, Quality quality) {
        Data {
            rules = Map.copyOf(rules);
        }

        Rule ruleOf(String feature) {
            return rules.getOrDefault(feature, rule);
        }
    }

    /** Reads a policy. */
    static DriftPlan of(Definition<DriftPolicySpec> policy) throws StepFailure {
        var spec = policy.spec();
        if (spec.target() == null || spec.target().inferenceService() == null) {
            throw invalid("spec.target.inferenceService is missing");
        }
        var window = Optional.ofNullable(spec.window());
        var minSamples = window.map(DriftPolicySpec.Window::minSamples)
                .filter(any -> any > 0)
                .orElse(MIN_SAMPLES);
        var report = spec.report();
        return new DriftPlan(
                policy.namespace(),
                policy.name(),
                spec.target().inferenceService(),
                spec.reference(),
                window.map(DriftPolicySpec.Window::length)
                        .map(length -> length.toDuration())
                        .filter(length -> !length.isZero())
                        .orElse(LENGTH),
                minSamples,
                spec.data() == null ? null : data(spec.data(), minSamples),
                spec.prediction() == null
                        ? null
                        : rule(
                                "spec.prediction",
                                spec.prediction().test(),
                                spec.prediction().distance(),
                                spec.prediction().pValue(),
                                spec.prediction().warn(),
                                minSamples),
                spec.performance(),
                spec.service(),
                report != null && Boolean.TRUE.equals(report.html()),
                report == null || report.keep() == null ? KEEP : report.keep());
    }

    private static Data data(DataDrift spec, long minSamples) throws StepFailure {
        var defaults = spec.defaults();
        var rule = defaults == null
                ? Rule.of(Method.Auto, minSamples)
                : rule(
                        "spec.data.defaults",
                        defaults.test(),
                        defaults.distance(),
                        defaults.pValue(),
                        defaults.warn(),
                        minSamples);
        var rules = new LinkedHashMap<String, Rule>();
        for (FeatureThreshold feature : spec.features()) {
            rules.put(
                    feature.name(),
                    rule(
                            "spec.data.features[%s]".formatted(feature.name()),
                            feature.test(),
                            feature.distance(),
                            feature.pValue(),
                            feature.warn(),
                            minSamples));
        }
        return new Data(
                spec.share() == null ? SHARE : spec.share(),
                spec.warn(),
                spec.correction() == null
                        ? Correction.BenjaminiHochberg
                        : Correction.valueOf(spec.correction().name()),
                rule,
                rules,
                spec.quality() == null
                        ? null
                        : new Quality(
                                spec.quality().maxNullRatio(), spec.quality().meanWithinSigmas()));
    }

    private static Rule rule(String where, DriftTest test, Double distance, Double pValue, Double warn, long minSamples)
            throws StepFailure {
        try {
            return new Rule(
                    test == null ? Method.Auto : Method.valueOf(test.name()),
                    distance != null ? Bound.distance(distance) : pValue != null ? Bound.pValue(pValue) : null,
                    warn,
                    minSamples);
        } catch (IllegalArgumentException e) {
            throw invalid(where + ": " + e.getMessage());
        }
    }

    private static StepFailure invalid(String message) {
        return StepFailure.rejected(Reasons.INVALID_DEFINITION, message);
    }
}
