package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Tracking;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.Tracked;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.News.Notice;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import dev.tatara.operator.trainingjob.sweep.LedgerMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Records runs that are over in MLflow, the oldest first, one at a time. It never holds a run: an MLflow that is away
 * delays the record.
 */
final class TrackingPlanner {
    private final Observed observed;
    private final PlanSettings settings;
    private final Instant now;
    private final List<HasMetadata> create = new ArrayList<>();
    private final List<Notice<TrainingJobEvent>> news = new ArrayList<>();
    private Instant wakeAt;

    TrackingPlanner(Observed observed, PlanSettings settings, Instant now) {
        this.observed = observed;
        this.settings = settings;
        this.now = now;
    }

    /** The run as the status shall have it, if it is the one whose turn it is. */
    Run track(Run run, TrainingRun definition) {
        var known = run.tracking() == null ? new Tracking(null, null, null, null, null) : run.tracking();
        var jobs = observed.jobsOf(run.number()).stream()
                .filter(job -> RunLabels.isOf(job, StepWords.TRACK))
                .toList();
        var latest = jobs.stream().mapToInt(AttemptLabels::attemptOf).max().orElse(0);
        var attempt = Math.max(latest, known.attempt() == null ? 1 : known.attempt());
        if (known.nextAttemptAt() != null && latest <= known.attempt()) {
            if (now.isBefore(known.nextAttemptAt())) {
                wakeAt = known.nextAttemptAt();
                return run;
            }
            attempt = known.attempt() + 1;
        }
        var current = attempt;
        var job = jobs.stream()
                .filter(candidate -> AttemptLabels.attemptOf(candidate) == current)
                .max(Comparator.comparing(candidate -> candidate.getMetadata().getName()));
        if (job.isEmpty()) {
            create.add(new StepJobs(definition, settings.run())
                    .track(
                            current,
                            run,
                            observed.map(LedgerMap.nameOf(definition.job(), run.number()))
                                    .isPresent()));
            return with(run, new Tracking(current, null, null, null, known.message()));
        }
        return read(run, job.get(), current, known);
    }

    List<HasMetadata> create() {
        return create;
    }

    List<Notice<TrainingJobEvent>> news() {
        return news;
    }

    Instant wakeAt() {
        return wakeAt;
    }

    private Run read(Run run, Job job, int attempt, Tracking known) {
        var terms =
                StepWords.terms(StepWords.TRACK, Tracked.class, settings.run().stepDeadline(), settings.run());
        return switch (StepReader.read(job, observed.pods(), terms, now)) {
            case StepState.Running<Tracked> running -> {
                wakeAt = running.lookAgainAt(now);
                yield with(
                        run,
                        new Tracking(
                                attempt, null, null, null, running.isHeldUp() ? running.message() : known.message()));
            }
            case StepState.Ended<Tracked> ended -> ended(run, ended.result(), ended.at(), attempt);
        };
    }

    private Run ended(Run run, StepResult<Tracked> result, Instant at, int attempt) {
        var finished = at.truncatedTo(ChronoUnit.SECONDS);
        var message = ClaimUri.inWords(result.message());
        if (result.outcome() == Outcome.Succeeded) {
            var draft = RunDraft.of(run).tracking(new Tracking(attempt, null, finished, null, null));
            if (result.details() != null && result.details().runId() != null) {
                draft.mlflowRun(result.details().runId());
            }
            return draft.toRun();
        }
        var next = finished.plus(settings.run().tracking().after(attempt));
        var isGivenUp = result.outcome() == Outcome.Rejected
                || next.isAfter(run.finishedAt().plus(settings.run().trackingPatience()));
        if (isGivenUp || attempt == 1) {
            news.add(new Notice<>(
                    isGivenUp ? TrainingJobEvent.TrackingAbandoned : TrainingJobEvent.TrackingBehind,
                    "run " + run.number() + ": " + result.reason() + ": " + message,
                    "run " + run.number() + ", tracking " + attempt));
        }
        wakeAt = isGivenUp ? null : next;
        return with(
                run,
                new Tracking(
                        attempt,
                        isGivenUp ? null : next,
                        null,
                        isGivenUp ? true : null,
                        result.reason() + ": " + message));
    }

    private static Run with(Run run, Tracking tracking) {
        return RunDraft.of(run).tracking(tracking).toRun();
    }
}
