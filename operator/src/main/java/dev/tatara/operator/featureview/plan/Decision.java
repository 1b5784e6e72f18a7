package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;

/**
 * What to do about a view now, and what to say about it.
 *
 * @param activity what is going on
 * @param progress where materialization stands, {@code null} before the first
 * @param handled values of annotations that were acted upon, {@code null} if none was
 * @param findings what is known of the features
 * @param isCurrent whether the last snapshot was computed by the present definition
 * @param nextScheduleTime when the schedule asks next, {@code null} without one
 * @param withoutEffect what is accepted and has no effect, empty if everything has
 * @param refusedBackfill what is wrong with the backfill that the annotation asks for, {@code null} if nothing is
 * @param definition the ConfigMap to create, {@code null} if it is there or not needed
 * @param start the Job to create after that, {@code null} if none is due
 * @param obsolete Jobs and ConfigMaps of attempts that are over
 * @param wakeAt when to decide again if nothing happens before, {@code null} if time alone changes nothing
 */
public record Decision(
        Activity activity,
        MaterializationProgress progress,
        FeatureViewStatus.Handled handled,
        Findings findings,
        boolean isCurrent,
        Instant nextScheduleTime,
        String withoutEffect,
        String refusedBackfill,
        ConfigMap definition,
        Job start,
        List<HasMetadata> obsolete,
        Instant wakeAt) {
    public Decision {
        obsolete = List.copyOf(obsolete);
    }

    public static Decision about(Observed observed, MaterializationSettings settings, Instant now) {
        return new MaterializationPlanner(observed, settings, now).plan();
    }

    /** The same after the Job that was due couldn't be made. */
    public Decision heldUp(String reason, String message, Instant retryAt) {
        return new Decision(
                new Activity.Running(reason, message, true),
                progress,
                handled,
                findings,
                isCurrent,
                nextScheduleTime,
                withoutEffect,
                refusedBackfill,
                null,
                null,
                obsolete,
                retryAt);
    }
}
