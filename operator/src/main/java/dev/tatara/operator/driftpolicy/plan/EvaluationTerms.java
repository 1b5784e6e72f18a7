package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepTerms;

/** How evaluations are read and spoken of. */
final class EvaluationTerms {
    static final String STEP = "drift";

    private EvaluationTerms() {}

    static StepTerms<DriftEvaluated> of(PlanSettings settings) {
        return new StepTerms<>(
                STEP,
                EvaluationJob.CONTAINER,
                DriftEvaluated.class,
                settings.step().image(),
                "the evaluation",
                "compares the live traffic with the reference",
                Activity.EVALUATING,
                "EvaluationTimedOut",
                "EvaluationCrashed",
                settings.deadline(),
                "the next attempt goes on with what is rolled up; if there is that much traffic, raise the operator's"
                        + " tatara.operator.drift.deadline",
                StepResult.rejected(
                        STEP,
                        "OutOfMemory",
                        "the evaluation needs more memory than the "
                                + settings.step().memoryLimit()
                                + " it may use; raise the operator's tatara.operator.drift.memory-limit",
                        null));
    }
}
