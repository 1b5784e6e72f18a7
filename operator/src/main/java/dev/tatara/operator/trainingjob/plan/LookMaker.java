package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import dev.tatara.operator.kubernetes.News.Notice;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes what is said and done about a run out of what was found. */
final class LookMaker {
    final RunDraft draft;
    final Progress progress;
    final RunClock clock;
    private final TrainingRun run;
    private final Observed observed;
    private final boolean isSuspended;
    private final List<Notice<TrainingJobEvent>> news = new ArrayList<>();
    private final List<HasMetadata> obsolete = new ArrayList<>();
    private SweepStatus sweep;
    private ConfigMap memory;

    LookMaker(
            TrainingRun run,
            RunDraft draft,
            Progress progress,
            RunClock clock,
            Observed observed,
            boolean isSuspended) {
        this.run = run;
        this.draft = draft;
        this.progress = progress;
        this.clock = clock;
        this.observed = observed;
        this.isSuspended = isSuspended;
        this.sweep = run.spec().sweep() == null ? null : observed.status().sweep();
    }

    /** The run goes on. */
    Look under(Activity activity, List<? extends HasMetadata> create, List<? extends HasMetadata> delete, Instant at) {
        switch (activity) {
            case Activity.Running running -> say(running.reason(), running.message());
            case Activity.Retrying retrying ->
                say(
                        retrying.reason(),
                        retrying.message() + "; attempt " + (progress.attempt + 1) + " starts at " + retrying.until());
            case Activity.Suspended _ -> say("Suspended", "spec.suspend stops the run; set it to false to go on");
            case Activity.Idle _, Activity.Awaiting _, Activity.Refused _ ->
                throw new IllegalArgumentException("a run that is under way is not " + activity);
        }
        var wakeAt = isSuspended || (at != null && at.isBefore(clock.deadline())) ? at : clock.deadline();
        return new Look(
                activity,
                draft.toRun(),
                progress.toActiveRun(),
                sweep,
                memory,
                List.copyOf(create),
                null,
                withObsolete(
                        Stream.concat(superseded().stream(), delete.stream()).toList()),
                news,
                wakeAt);
    }

    /** A Job is to be made, and what it needs before. */
    Look starts(String reason, String activity, List<HasMetadata> create, Job job) {
        var name = job.getMetadata().getName();
        progress.runs(name, clock.now());
        return under(
                new Activity.Running(reason, "Job " + name + " " + activity, false),
                Stream.concat(create.stream(), Stream.of(job)).toList(),
                List.of(),
                null);
    }

    /** A version is to be registered; the next look finds it. */
    Look registers(ModelVersion version) {
        var message = "registering " + version.getMetadata().getName();
        var activity = new Activity.Running("Registering", message, false);
        var look = under(activity, List.of(), List.of(), clock.now().plus(StepReader.LOOK_AGAIN));
        return new Look(
                activity,
                look.run(),
                look.active(),
                sweep,
                memory,
                List.of(),
                version,
                look.delete(),
                news,
                look.wakeAt());
    }

    /** A Job of that name is on its way out. */
    Look goneSoon(Job job) {
        return under(
                new Activity.Running(
                        "Restarting",
                        "Job " + job.getMetadata().getName() + " is being deleted; it is made again when it is gone",
                        false),
                List.of(),
                List.of(),
                clock.now().plus(StepReader.LOOK_AGAIN));
    }

    /** The run is over. */
    Look end(RunPhase phase, String reason, String message) {
        draft.says(phase, reason, message).end(clock.now());
        var event =
                switch (phase) {
                    case Registered -> TrainingJobEvent.Registered;
                    case GatesFailed -> TrainingJobEvent.GatesFailed;
                    case DataRejected -> TrainingJobEvent.DataRejected;
                    case Cancelled -> TrainingJobEvent.RunCancelled;
                    case Failed, Pending, Validating, Joining, Training, Evaluating -> TrainingJobEvent.RunFailed;
                };
        tell(event, phase == RunPhase.Failed ? reason + ": " + message : message, "end");
        // What is left of it goes once its end is noted: until then its Jobs are what tells of it.
        return new Look(new Activity.Idle(), draft.toRun(), null, sweep, memory, List.of(), null, obsolete, news, null);
    }

    /** Where the sweep stands, what it has to remember, and what it needs no more. */
    void sweep(SweepStatus latest, ConfigMap remembered, List<? extends HasMetadata> over) {
        sweep = latest;
        memory = remembered;
        obsolete.addAll(over);
    }

    void tell(TrainingJobEvent event, String note, String occasion) {
        news.add(new Notice<>(event, "run " + run.number() + ": " + note, "run " + run.number() + ", " + occasion));
    }

    /** Jobs of the run that have not ended; recording it is no part of it. */
    List<Job> unended() {
        return observed.jobsOf(run.number()).stream()
                .filter(job -> !RunLabels.isOf(job, StepWords.TRACK))
                .filter(job -> !observed.hasEnded(job))
                .toList();
    }

    /** Jobs of earlier attempts at the current step that have been given up before they ended. */
    private List<Job> superseded() {
        return unended().stream()
                .filter(job -> RunLabels.isOf(job, word()) && AttemptLabels.attemptOf(job) < progress.attempt)
                .toList();
    }

    /** The current attempt's Job, if it has been given up before it ended. */
    List<Job> unendedAttempt() {
        return unended().stream()
                .filter(job -> job.getMetadata().getName().equals(run.jobName(word(), progress.attempt)))
                .toList();
    }

    /** The Job of an attempt at the current step. */
    Optional<Job> jobOf(int attempt) {
        return observed.jobsOf(run.number()).stream()
                .filter(job -> RunLabels.isOf(job, word()) && AttemptLabels.attemptOf(job) == attempt)
                .findFirst();
    }

    /** The latest attempt at the current step that there is a Job of; 0 if there is none. */
    int latestAttempt() {
        return observed.jobsOf(run.number()).stream()
                .filter(job -> RunLabels.isOf(job, word()))
                .mapToInt(AttemptLabels::attemptOf)
                .max()
                .orElse(0);
    }

    private List<HasMetadata> withObsolete(List<? extends HasMetadata> delete) {
        return Stream.<HasMetadata>concat(obsolete.stream(), delete.stream())
                .distinct()
                .toList();
    }

    private String word() {
        return StepWords.of(progress.step);
    }

    private void say(String reason, String message) {
        draft.attempt(progress.attempt).says(StepWords.phaseOf(progress.step), reason, message);
    }
}
