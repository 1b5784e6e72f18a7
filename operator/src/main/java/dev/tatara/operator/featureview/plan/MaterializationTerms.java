package dev.tatara.operator.featureview.plan;

import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepTerms;

/** How materializations are read and spoken of. */
final class MaterializationTerms {
    static final String STEP = "materialize";

    private MaterializationTerms() {}

    static StepTerms<Materialized> of(MaterializationSettings settings) {
        return new StepTerms<>(
                STEP,
                MaterializationJob.CONTAINER,
                Materialized.class,
                settings.step().image(),
                "the materialization",
                "computes the features",
                Activity.MATERIALIZING,
                "MaterializationTimedOut",
                "MaterializationCrashed",
                settings.deadline(),
                "the next attempt begins anew; if there is that much to read, raise the operator's"
                        + " tatara.operator.materialization.deadline, or read less at a time by backfills",
                StepResult.rejected(
                        STEP,
                        "OutOfMemory",
                        "the materialization needs more memory than the "
                                + settings.step().memoryLimit() + " it may use"
                                + "; simplify spec.source.sql, or raise the operator's"
                                + " tatara.operator.materialization.memory-limit",
                        null));
    }
}
