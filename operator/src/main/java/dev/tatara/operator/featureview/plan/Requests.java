package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress.Trigger;
import dev.tatara.operator.featureview.plan.Interval.InvalidIntervalException;
import dev.tatara.operator.featureview.plan.Support.Refusal;
import dev.tatara.operator.schedule.CronSchedule;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a view is asked for: by its definition, its annotations and its schedule, in this order. What is not acted upon
 * now is still asked for afterwards.
 */
final class Requests {
    /** The schedule lets a backfill that fails be repeated so often before it goes first. */
    static final int PATIENCE = 5;

    private final FeatureView view;
    private final FeatureViewStatus status;
    private final MaterializationProgress last;
    private final FeatureViewStatus.Handled handled;
    private final Run run;
    private final String definition;
    private final Instant now;
    private final Optional<Refusal> refusal;
    private final Optional<CronSchedule> schedule;
    private final String backfill;
    private Interval interval;
    private String refusedBackfill;

    /**
     * Collects what is asked for.
     *
     * @param run the latest materialization, {@code null} before the first
     * @param definition digest of the present definition
     */
    Requests(FeatureView view, Run run, String definition, Instant now) {
        this.view = view;
        this.status = view.getStatus() == null ? FeatureViewStatus.EMPTY : view.getStatus();
        this.last = status.materialization();
        this.handled = status.handled() == null ? new FeatureViewStatus.Handled(null, null) : status.handled();
        this.run = run;
        this.definition = definition;
        this.now = now;
        this.refusal = Support.refusal(view.getSpec());
        this.schedule = refusal.isPresent() ? Optional.empty() : Support.scheduleOf(view.getSpec());
        this.backfill = Annotations.valueOf(view, Annotations.BACKFILL);
        readBackfill();
    }

    Optional<Refusal> refusal() {
        return refusal;
    }

    boolean isSuspended() {
        var materialization = view.getSpec().materialization();
        return materialization != null && Boolean.TRUE.equals(materialization.suspend());
    }

    boolean mayStart() {
        return refusal.isEmpty() && !isSuspended() && view.getMetadata().getDeletionTimestamp() == null;
    }

    /** What is wrong with the backfill that is asked for; {@code null} if nothing is. */
    String refusedBackfill() {
        return refusedBackfill;
    }

    /** Whether the latest materialization computes by another definition than the present one. */
    boolean isOutdated() {
        return run != null && !definition.equals(run.definition());
    }

    /** The materialization that is due now that none is in progress; a failed one may still wait to be repeated. */
    Optional<Run> next() {
        if (run == null) {
            return Optional.of(run(Trigger.Creation, false));
        }
        if (isOutdated()) {
            return Optional.of(run(Trigger.DefinitionChange, true));
        }
        // Nothing but all rows can mend a snapshot of another definition.
        var full = status.snapshot() != null
                && !definition.equals(status.snapshot().definition());
        if (interval != null && !full) {
            return Optional.of(run(Trigger.Backfill, interval));
        }
        var request = Annotations.valueOf(view, Annotations.MATERIALIZE);
        if (request != null && !request.equals(handled.materialize())) {
            return Optional.of(run(Trigger.Request, full));
        }
        if (last != null && last.lastOutcome() != StepOutcome.Succeeded && run.generation() != generation()) {
            return Optional.of(
                    run.isBackfill() && !full
                            ? run(Trigger.Backfill, new Interval(run.start(), run.end()))
                            : run(run.isBackfill() ? Trigger.Request : run.trigger(), full || run.full()));
        }
        return isScheduleDue() ? Optional.of(run(Trigger.Schedule, full)) : Optional.empty();
    }

    /** The same materialization, to be repeated with the present specification. */
    Run renewed() {
        return new Run(run.number(), run.trigger(), run.start(), run.end(), run.full(), run.definition(), generation());
    }

    /**
     * The values of annotations that were acted upon.
     *
     * @param active the materialization that is in progress or was last
     * @param job its Job, which remembers what asked for it; {@code null} where there is none
     */
    FeatureViewStatus.Handled handled(Run active, HasMetadata job) {
        var materialize = handled(Annotations.MATERIALIZE, handled.materialize(), job);
        // One that gave way before it was done is asked for again.
        var gaveWay = active != null
                && last != null
                && last.trigger() == Trigger.Backfill
                && !Objects.equals(last.number(), active.number())
                && (last.finishedAt() == null || last.lastOutcome() == StepOutcome.Failed);
        var backfilled = handled(Annotations.BACKFILL, gaveWay ? null : handled.backfill(), job);
        return materialize == null && backfilled == null
                ? null
                : new FeatureViewStatus.Handled(materialize, backfilled);
    }

    /** When the schedule asks next, while nothing starts: a time that came stays until it can be acted upon. */
    Instant nextScheduleTime(boolean isBusy) {
        if (schedule.isEmpty()) {
            return refusal.isPresent() ? status.nextScheduleTime() : null;
        }
        var planned = planned(schedule.get());
        return isBusy || isSuspended() || !mayGiveWay() || schedule.get().isDue(planned, now) || planned.isAfter(now)
                ? planned
                : schedule.get().next(now);
    }

    /** When the schedule asks next, after a materialization was started. */
    Instant nextScheduleTime(Run started) {
        if (schedule.isEmpty()) {
            return null;
        }
        var planned = planned(schedule.get());
        var isNew = run == null || started.number() != run.number();
        return planned.isAfter(now) || started.isBackfill() || !isNew
                ? planned
                : schedule.get().next(now);
    }

    /** Whether the schedule may start a materialization although the latest one waits to be repeated. */
    boolean mayGiveWay() {
        return run == null
                || !run.isBackfill()
                || last == null
                || last.nextAttemptAt() == null
                || last.attempt() >= PATIENCE;
    }

    private boolean isScheduleDue() {
        return mayGiveWay()
                && schedule.filter(times -> times.isDue(planned(times), now)).isPresent();
    }

    /** The time that was planned; one that an older specification planned counts if it has come. */
    private Instant planned(CronSchedule times) {
        var planned = status.nextScheduleTime();
        var isOld = !Objects.equals(status.observedGeneration(), generation());
        if (planned == null || (planned.isAfter(now) && isOld)) {
            return times.next(now);
        }
        // It was met by a materialization whose start the status doesn't know of yet.
        return run != null && !run.isBackfill() && !planned.isAfter(run.end()) ? times.next(run.end()) : planned;
    }

    private Run run(Trigger trigger, boolean full) {
        return new Run(number(), trigger, null, now, full, definition, generation());
    }

    private Run run(Trigger trigger, Interval stretch) {
        return new Run(number(), trigger, stretch.start(), stretch.end(), false, definition, generation());
    }

    private int number() {
        return run == null ? 1 : run.number() + 1;
    }

    private Long generation() {
        return view.getMetadata().getGeneration();
    }

    private void readBackfill() {
        if (backfill == null || backfill.equals(handled.backfill())) {
            return;
        }
        try {
            interval = Interval.parse(backfill);
        } catch (InvalidIntervalException e) {
            refusedBackfill = Annotations.BACKFILL + ": " + e.getMessage();
        }
    }

    private String handled(String annotation, String before, HasMetadata job) {
        var asked = Annotations.valueOf(view, annotation);
        if (asked == null) {
            return null;
        }
        return job != null && asked.equals(Annotations.valueOf(job, annotation)) ? asked : before;
    }
}
