package dev.tatara.operator.trainingjob;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Phase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.trainingjob.plan.Activity;
import dev.tatara.operator.trainingjob.plan.Annotations;
import dev.tatara.operator.trainingjob.plan.Decision;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Tells a decision as the status of a training. Pure: the same decision upon the same status gives an equal status. */
final class TrainingJobStatusFactory {
    static final String READY = "Ready";
    static final String ACCEPTED = "Accepted";
    static final String PROGRESSING = "Progressing";
    static final String TRACKED = "Tracked";
    static final String STALLED = "Stalled";

    private final TrainingJob job;
    private final TrainingJobStatus before;
    private final Decision decision;
    private final ConditionSet conditions;

    private TrainingJobStatusFactory(TrainingJob job, Decision decision, Instant now) {
        this.job = job;
        this.before = job.getStatus() == null ? TrainingJobStatus.EMPTY : job.getStatus();
        this.decision = decision;
        this.conditions =
                new ConditionSet(before.conditions(), job.getMetadata().getGeneration(), now);
    }

    static TrainingJobStatus create(TrainingJob job, Decision decision, Instant now) {
        return new TrainingJobStatusFactory(job, decision, now).create();
    }

    private TrainingJobStatus create() {
        return new TrainingJobStatus(
                job.getMetadata().getGeneration(),
                phase(),
                decision.nextScheduleTime(),
                highest(before.latestRun(), decision.runs().stream()),
                decision.activeRun(),
                highest(
                        before.lastSuccessfulRun(),
                        decision.runs().stream().filter(run -> run.phase() == RunPhase.Registered)),
                decision.runs(),
                decision.active(),
                decision.sweep(),
                decision.handled(),
                conditions());
    }

    private Phase phase() {
        return switch (decision.activity()) {
            case Activity.Running _, Activity.Retrying _ -> Phase.Running;
            case Activity.Awaiting _ -> Phase.Pending;
            case Activity.Suspended _ -> Phase.Suspended;
            case Activity.Refused _ -> Phase.Failed;
            case Activity.Idle _ -> lastVerdict().filter(run -> !isGood(run)).isPresent() ? Phase.Failed : Phase.Idle;
        };
    }

    private List<Condition> conditions() {
        ready();
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isFalse(ACCEPTED, refused.reason(), refused.message());
        } else {
            conditions.isTrue(ACCEPTED, "Accepted", "");
        }
        progressing();
        tracked();
        stalled();
        return conditions.toList();
    }

    /** Whether the training does what it is for: the last run that came to a verdict registered a version. */
    private void ready() {
        var verdict = lastVerdict();
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isFalse(READY, refused.reason(), refused.message());
        } else if (verdict.isPresent()) {
            var run = verdict.get();
            conditions.is(isGood(run), READY, reasonOf(run), "run " + run.number() + ": " + run.message());
        } else {
            switch (decision.activity()) {
                case Activity.Running _, Activity.Retrying _ ->
                    conditions.isFalse(READY, "FirstRun", "no run has ended yet");
                case Activity.Awaiting awaiting -> conditions.isFalse(READY, awaiting.reason(), awaiting.message());
                case Activity.Suspended _ -> conditions.isFalse(READY, "Suspended", suspended());
                case Activity.Idle _, Activity.Refused _ ->
                    conditions.isTrue(READY, "NoRunYet", "no run was asked for yet; " + command());
            }
        }
    }

    private void progressing() {
        switch (decision.activity()) {
            case Activity.Running running -> conditions.isTrue(PROGRESSING, running.reason(), running.message());
            case Activity.Retrying retrying ->
                conditions.isTrue(
                        PROGRESSING,
                        retrying.reason(),
                        retrying.message() + "; the next attempt starts at " + retrying.until());
            case Activity.Awaiting awaiting -> conditions.isTrue(PROGRESSING, awaiting.reason(), awaiting.message());
            case Activity.Suspended _ -> conditions.isFalse(PROGRESSING, "Suspended", suspended());
            case Activity.Refused refused -> conditions.isFalse(PROGRESSING, refused.reason(), refused.message());
            case Activity.Idle _ -> conditions.isFalse(PROGRESSING, "Idle", "no run is under way");
        }
    }

    private void tracked() {
        var behind = decision.runs().stream()
                .filter(run -> run.tracking() != null
                        && !run.tracking().hasEnded()
                        && run.tracking().message() != null)
                .toList();
        var abandoned = decision.runs().stream()
                .filter(run -> run.tracking() != null
                        && Boolean.TRUE.equals(run.tracking().abandoned()))
                .findFirst();
        if (!behind.isEmpty()) {
            var run = behind.getLast();
            conditions.isFalse(
                    TRACKED,
                    "TrackingBehind",
                    "run " + run.number() + " isn't recorded in MLflow yet: "
                            + run.tracking().message() + "; it is tried again, and no run waits for it");
        } else if (abandoned.isPresent()) {
            conditions.isFalse(
                    TRACKED,
                    "TrackingAbandoned",
                    "run " + abandoned.get().number() + " isn't recorded in MLflow: "
                            + abandoned.get().tracking().message());
        } else if (job.getSpec().tracking() != null && job.getSpec().tracking().mlflow() != null) {
            conditions.isTrue(TRACKED, "Tracked", "");
        }
    }

    /** Only a person can help, or the next run: kstatus and Flux give up waiting. */
    private void stalled() {
        switch (decision.activity()) {
            case Activity.Refused refused -> conditions.isTrue(STALLED, refused.reason(), refused.message());
            case Activity.Idle _ ->
                lastVerdict()
                        .filter(run -> !isGood(run))
                        .ifPresent(run -> conditions.isTrue(
                                STALLED, reasonOf(run), "run " + run.number() + ": " + run.message() + ". " + again()));
            case Activity.Running _, Activity.Retrying _, Activity.Awaiting _, Activity.Suspended _ -> {}
        }
    }

    /** The last run that ended by itself. */
    private Optional<Run> lastVerdict() {
        return decision.runs().stream()
                .filter(Run::hasEnded)
                .filter(run -> run.phase() != RunPhase.Cancelled)
                .findFirst();
    }

    private String again() {
        return "When that is put right, " + command();
    }

    private String command() {
        return "start a run with " + AnnotationValues.command("tj", job, Annotations.RUN);
    }

    private static String suspended() {
        return "spec.suspend holds everything; set it to false to go on";
    }

    private static String reasonOf(Run run) {
        return run.reason() == null ? String.valueOf(run.phase()) : run.reason();
    }

    private static boolean isGood(Run run) {
        return run.phase() == RunPhase.Registered;
    }

    private static Long highest(Long known, Stream<Run> runs) {
        return Stream.concat(Stream.of(known == null ? 0L : known), runs.map(Run::number))
                .filter(Objects::nonNull)
                .max(Long::compare)
                .filter(number -> number > 0)
                .orElse(null);
    }
}
