package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.ActiveRun;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Handled;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import dev.tatara.operator.kubernetes.News.Notice;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;

/**
 * What to do about a training now, and what to say about it.
 *
 * @param activity what is going on
 * @param runs the runs that are remembered, the newest first
 * @param activeRun number of the run that is under way; {@code null} if none is
 * @param active how far that is
 * @param sweep where its sweep stands, or where the last one ended
 * @param handled what was acted upon
 * @param nextScheduleTime when the schedule starts the next run; {@code null} without one
 * @param memory what a sweep remembers, to be written before anything else
 * @param create objects to make after that, in this order
 * @param register the version to register
 * @param obsolete objects that are over
 * @param news what happened
 * @param wakeAt when to decide again if nothing happens before
 */
public record Decision(
        Activity activity,
        List<Run> runs,
        Long activeRun,
        ActiveRun active,
        SweepStatus sweep,
        Handled handled,
        Instant nextScheduleTime,
        ConfigMap memory,
        List<HasMetadata> create,
        ModelVersion register,
        List<HasMetadata> obsolete,
        List<Notice<TrainingJobEvent>> news,
        Instant wakeAt) {
    public Decision {
        runs = List.copyOf(runs);
        create = List.copyOf(create);
        obsolete = List.copyOf(obsolete);
        news = List.copyOf(news);
    }

    public static Decision about(Observed observed, PlanSettings settings, Instant now) {
        return new TrainingPlanner(observed, settings, now).plan();
    }

    /** The same after something that was due couldn't be made. */
    public Decision heldUp(String reason, String message, Instant retryAt) {
        return new Decision(
                new Activity.Running(reason, message, true),
                runs.stream()
                        .map(run -> activeRun != null && run.number().equals(activeRun)
                                ? RunDraft.of(run)
                                        .says(run.phase(), reason, message)
                                        .toRun()
                                : run)
                        .toList(),
                activeRun,
                active,
                sweep,
                handled,
                nextScheduleTime,
                null,
                List.of(),
                null,
                obsolete,
                news,
                retryAt);
    }

    /** The same after the definition of the run that was to begin couldn't be made: there is no run yet. */
    public Decision notBegun(String reason, String message, Instant retryAt) {
        return new Decision(
                new Activity.Awaiting(reason, message),
                runs.stream()
                        .map(run -> run.number().equals(activeRun)
                                ? RunDraft.begun(run.number(), run.trigger(), null)
                                        .says(RunPhase.Pending, reason, message)
                                        .toRun()
                                : run)
                        .toList(),
                null,
                null,
                null,
                handled,
                nextScheduleTime,
                null,
                List.of(),
                null,
                obsolete,
                List.of(),
                retryAt);
    }

    /** Whether the object is the definition of the run that is to begin. */
    public boolean isDefinition(HasMetadata object) {
        return object instanceof ConfigMap map && FrozenDefinition.isOne(map);
    }
}
