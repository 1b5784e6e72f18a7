package dev.tatara.steps.experiment;

import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.AbTest.Metric.Kind;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.statistics.sequential.Plan;
import dev.tatara.statistics.sequential.Plan.Design;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import java.time.Duration;

/**
 * What a service's A/B test asks for, with what it leaves out filled in.
 *
 * @param namespace of the service
 * @param service its name
 * @param metric name of the figure
 * @param isProportion whether it is a share of people, else a mean of what they did
 * @param header by which people are divided
 * @param design what shall be found
 * @param plan the test, and how many people it takes
 * @param maxDuration the experiment ends after this time; {@code null}: when the planned people are there
 */
record ExperimentPlan(
        String namespace,
        String service,
        String metric,
        boolean isProportion,
        String header,
        Design design,
        Plan plan,
        Duration maxDuration) {
    static final String INVALID_DEFINITION = "InvalidDefinition";

    private static final double PERCENT = 100;
    private static final int CANDIDATE_PERCENT = 50;
    private static final double ALPHA = 0.05;
    private static final double POWER = 0.8;

    /**
     * Of an InferenceService's specification what a step needs: the rest of it has Kubernetes' own types, which aren't in
     * this image.
     */
    record ServicePart(Rollout rollout) {}

    /** Reads a service. */
    static ExperimentPlan of(Definition<ServicePart> service) throws StepFailure {
        var rollout = service.spec().rollout();
        var test = rollout == null ? null : rollout.abTest();
        if (test == null || test.metric() == null || test.metric().name() == null || test.sticky() == null) {
            throw invalid("spec.rollout.abTest with metric and sticky is missing");
        }
        if (test.metric().kind() == null || test.minimumEffect() == null) {
            throw invalid("spec.rollout.abTest: metric.kind and minimumEffect are missing");
        }
        try {
            var design = new Design(
                    test.minimumEffect(),
                    test.alpha() == null ? ALPHA : test.alpha(),
                    test.power() == null ? POWER : test.power(),
                    (test.candidatePercent() == null ? CANDIDATE_PERCENT : test.candidatePercent()) / PERCENT,
                    !Boolean.FALSE.equals(test.sequential()));
            return new ExperimentPlan(
                    service.namespace(),
                    service.name(),
                    test.metric().name(),
                    test.metric().kind() == Kind.Proportion,
                    test.sticky().header(),
                    design,
                    plan(test, design),
                    test.maxDuration() == null ? null : test.maxDuration().toDuration());
        } catch (IllegalArgumentException e) {
            throw invalid("spec.rollout.abTest: " + e.getMessage());
        }
    }

    private static Plan plan(AbTest test, Design design) throws StepFailure {
        return switch (test.metric().kind()) {
            case Proportion -> {
                if (test.baselineRate() == null) {
                    throw invalid("spec.rollout.abTest.baselineRate is missing: stable's rate today");
                }
                yield Plan.ofProportion(test.baselineRate(), design);
            }
            case Mean -> {
                if (test.baselineStandardDeviation() == null) {
                    throw invalid("spec.rollout.abTest.baselineStandardDeviation is missing: stable's today");
                }
                yield Plan.ofMean(test.baselineStandardDeviation(), design);
            }
        };
    }

    private static StepFailure invalid(String message) {
        return StepFailure.rejected(INVALID_DEFINITION, message);
    }
}
