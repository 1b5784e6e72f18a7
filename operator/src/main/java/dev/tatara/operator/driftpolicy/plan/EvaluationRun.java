package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress.Occasion;
import java.time.Instant;

/**
 * One evaluation. Its attempts all judge the same.
 *
 * @param number 1 for the policy's first
 * @param occasion what asked for it
 * @param at end of the window
 * @param revision revision of the service that is judged
 * @param modelVersion the version that the revision serves, {@code null} if the service doesn't say
 * @param definition digest of what it judges by
 */
record EvaluationRun(
        int number, Occasion occasion, Instant at, String revision, String modelVersion, String definition) {

    /** What the status knows; {@code null} if there was no evaluation yet. */
    static EvaluationRun of(EvaluationProgress progress) {
        return progress == null || progress.number() == null || progress.at() == null
                ? null
                : new EvaluationRun(
                        progress.number(),
                        progress.occasion() == null ? Occasion.Schedule : progress.occasion(),
                        progress.at(),
                        progress.revision(),
                        progress.modelVersion(),
                        progress.definition());
    }
}
