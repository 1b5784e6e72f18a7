package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress.Trigger;
import java.time.Instant;

/**
 * One materialization. Its attempts all do the same.
 *
 * @param number 1 for the view's first
 * @param trigger what asked for it
 * @param start begin of the interval; only a backfill has one
 * @param end end of the interval
 * @param full whether all rows are computed anew, whatever the mode
 * @param definition digest of the definition that it computes by
 * @param generation generation of the specification that it began with
 */
record Run(int number, Trigger trigger, Instant start, Instant end, boolean full, String definition, long generation) {

    /** What the status knows; {@code null} if there was no materialization yet. */
    static Run of(MaterializationProgress progress) {
        return progress == null || progress.number() == null
                ? null
                : new Run(
                        progress.number(),
                        progress.trigger() == null ? Trigger.Request : progress.trigger(),
                        progress.start(),
                        progress.end(),
                        Boolean.TRUE.equals(progress.full()),
                        progress.definition(),
                        progress.generation() == null ? 0 : progress.generation());
    }

    boolean isBackfill() {
        return trigger == Trigger.Backfill;
    }
}
