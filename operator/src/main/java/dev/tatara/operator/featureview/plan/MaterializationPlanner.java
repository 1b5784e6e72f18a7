package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.EarlierTrouble;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.steps.StepState.Running;
import dev.tatara.operator.steps.StepTerms;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides about the materializations of a view: one after the other, each of one or more attempts, each attempt a Job
 * whose name follows from the two numbers. Everything it knows comes from the status and the Jobs, so that it goes on
 * where an operator that was killed had stopped.
 */
final class MaterializationPlanner {
    private final FeatureView view;
    private final FeatureViewStatus status;
    private final Observed observed;
    private final MaterializationSettings settings;
    private final Instant now;
    private final MaterializationProgress last;
    private final Run run;
    private final int attempt;
    private final String definition;
    private final EarlierTrouble trouble;
    private final StepTerms<Materialized> terms;
    private final Requests requests;

    MaterializationPlanner(Observed observed, MaterializationSettings settings, Instant now) {
        this.view = observed.view();
        this.status = observed.status();
        this.observed = observed;
        this.settings = settings;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.last = status.materialization();
        this.definition = ViewDefinition.digest(
                view, settings.step().store().or(view.getSpec().artifactStore()));
        this.trouble = new EarlierTrouble(
                ConditionSet.find(status.conditions(), "Progressing").orElse(null));
        this.terms = MaterializationTerms.of(settings);
        var known = Run.of(last);
        // A Job that the status doesn't know of was made right before an operator ended.
        var unknown = latestJob().filter(job -> MaterializationJob.NUMBERS.isAfter(job, last));
        this.run = unknown.flatMap(MaterializationJob::runOf).orElse(known);
        this.attempt = unknown.map(AttemptLabels::attemptOf).orElse(known == null ? 0 : last.attemptSoFar());
        this.requests = new Requests(view, run, definition, this.now);
    }

    Decision plan() {
        if (run == null) {
            return next();
        }
        return isConcluded() ? next() : current();
    }

    /** No attempt is in progress, as far as the status tells. */
    private Decision next() {
        if (!requests.mayStart()) {
            return rest();
        }
        var wanted = requests.next();
        if (wanted.isPresent()) {
            return start(wanted.get(), 1);
        }
        if (isWaiting() && !now.isBefore(last.nextAttemptAt())) {
            return start(requests.renewed(), attempt + 1);
        }
        return rest();
    }

    /** The attempt is in progress, as far as the status tells. */
    private Decision current() {
        var job = MaterializationJob.NUMBERS.find(observed.jobs(), run.number(), attempt);
        if (job.isEmpty()) {
            // Somebody deleted it, or the operator ended before it could make it.
            if (!requests.mayStart()) {
                return rest();
            }
            return requests.isOutdated() ? start(requests.next().orElseThrow(), 1) : start(requests.renewed(), attempt);
        }
        var progress =
                progress(run, attempt, Instant.parse(job.get().getMetadata().getCreationTimestamp()));
        return switch (StepReader.read(job.get(), observed.pods(), terms, now)) {
            case Running<Materialized> running -> {
                // What can't start for a mistake in the old definition must not keep the new one waiting.
                if (running.isHeldUp() && requests.isOutdated() && requests.mayStart()) {
                    yield start(requests.next().orElseThrow(), 1);
                }
                yield underWay(progress, job.get(), running);
            }
            case Ended<Materialized> ended ->
                conclude(progress, job.get(), checked(trouble.explain(ended.result(), terms)), ended.at());
        };
    }

    private Decision underWay(MaterializationProgress progress, Job job, Running<Materialized> running) {
        return decision(
                new Activity.Running(running.reason(), trouble.messageOf(running), running.isHeldUp()),
                progress,
                requests.handled(run, job),
                Findings.of(status),
                requests.nextScheduleTime(true),
                missingDefinition(job),
                null,
                running.lookAgainAt(now));
    }

    private Decision conclude(
            MaterializationProgress progress, Job job, StepResult<Materialized> result, Instant finished) {
        var outcome = StepOutcome.valueOf(result.outcome().name());
        var finishedAt = finished.truncatedTo(ChronoUnit.SECONDS);
        var retryAt =
                outcome == StepOutcome.Failed ? now.plus(settings.afterFailure().after(attempt)) : null;
        var end = progress.ended(finishedAt, retryAt, outcome, result.reason(), ClaimUri.inWords(result.message()));
        var known = Findings.of(status);
        var findings =
                switch (outcome) {
                    case Succeeded -> Findings.of(result.details(), run.definition(), progress.startedAt(), finishedAt);
                    case Rejected -> known.withVerdictsOf(result.details());
                    case Failed -> known;
                };
        return decision(
                activityOf(end),
                end,
                requests.handled(run, job),
                findings,
                // A time that came meanwhile is decided upon right after this end is noted.
                requests.nextScheduleTime(true),
                null,
                null,
                retryAt);
    }

    private Decision start(Run next, int number) {
        var job = MaterializationJob.render(view, next, number, settings);
        return decision(
                new Activity.Running(
                        Activity.MATERIALIZING, "Job " + job.getMetadata().getName() + " computes the features", false),
                progress(next, number, now),
                requests.handled(next, job),
                Findings.of(status),
                requests.nextScheduleTime(next),
                missingDefinition(job),
                job,
                null);
    }

    private Decision rest() {
        return decision(
                activityOf(last),
                last,
                requests.handled(run, null),
                Findings.of(status),
                requests.nextScheduleTime(false),
                null,
                null,
                isWaiting() && requests.mayStart() ? last.nextAttemptAt() : null);
    }

    private Decision decision(
            Activity activity,
            MaterializationProgress progress,
            FeatureViewStatus.Handled handled,
            Findings findings,
            Instant nextScheduleTime,
            ConfigMap missingDefinition,
            Job start,
            Instant wakeAt) {
        return new Decision(
                activity,
                progress,
                handled,
                findings,
                findings.snapshot() != null
                        && definition.equals(findings.snapshot().definition()),
                nextScheduleTime,
                Support.withoutEffect(view.getSpec()),
                requests.refusedBackfill(),
                missingDefinition,
                start,
                obsolete(progress, start),
                WakeUp.earlier(wakeAt, isAwaited(activity) ? nextScheduleTime : null));
    }

    private Activity activityOf(MaterializationProgress end) {
        if (requests.refusal().isPresent()) {
            var refusal = requests.refusal().get();
            return new Activity.Refused(refusal.reason(), refusal.message());
        }
        if (requests.isSuspended()) {
            return new Activity.Suspended();
        }
        return end == null || end.nextAttemptAt() == null
                ? new Activity.Idle()
                : new Activity.Waiting(end.nextAttemptAt());
    }

    /** The materialization in progress; what the one before found stays the best that is known until it ends. */
    private MaterializationProgress progress(Run current, int number, Instant startedAt) {
        return new MaterializationProgress(
                current.number(),
                current.trigger(),
                current.start(),
                current.end(),
                current.full() ? true : null,
                current.definition(),
                current.generation(),
                number,
                MaterializationJob.nameOf(view, current.number(), number),
                startedAt,
                null,
                null,
                last == null ? null : last.lastOutcome(),
                last == null ? null : last.lastReason(),
                last == null ? null : last.lastMessage());
    }

    private StepResult<Materialized> checked(StepResult<Materialized> result) {
        if (result.outcome() != Outcome.Succeeded) {
            return result;
        }
        var details = result.details();
        return details == null || details.uri() == null || details.sha256() == null || details.number() == null
                ? StepResult.failed(
                        MaterializationTerms.STEP,
                        "ResultMissing",
                        "the materialization succeeded without saying which snapshot is there now; is "
                                + settings.step().image() + " of the operator's own version?")
                : result;
    }

    /** The ConfigMap that a Job's pods wait for, unless it is there. */
    private ConfigMap missingDefinition(Job job) {
        var wanted = ViewDefinition.render(view);
        var name = wanted.getMetadata().getName();
        return name.equals(MaterializationJob.definitionOf(job))
                        && observed.definitions().stream()
                                .noneMatch(map -> map.getMetadata().getName().equals(name))
                ? wanted
                : null;
    }

    private List<HasMetadata> obsolete(MaterializationProgress progress, Job start) {
        if (progress == null) {
            return List.of();
        }
        var obsolete = new ArrayList<HasMetadata>();
        var inUse = new ArrayList<String>();
        for (var job : observed.jobs()) {
            if (MaterializationJob.NUMBERS.compare(job, progress.number(), progress.attempt()) < 0) {
                obsolete.add(job);
            } else {
                inUse.add(MaterializationJob.definitionOf(job));
            }
        }
        if (start != null) {
            inUse.add(MaterializationJob.definitionOf(start));
        }
        observed.definitions().stream()
                .filter(map -> !inUse.contains(map.getMetadata().getName()))
                .forEach(obsolete::add);
        return obsolete;
    }

    /** Whether the schedule's next time leads to something. */
    private boolean isAwaited(Activity activity) {
        return switch (activity) {
            case Activity.Idle _ -> requests.mayStart();
            case Activity.Waiting _ -> requests.mayGiveWay();
            case Activity.Running _, Activity.Suspended _, Activity.Refused _ -> false;
        };
    }

    private boolean isConcluded() {
        return last != null && last.hasEnded(run.number(), attempt);
    }

    private boolean isWaiting() {
        return run != null && isConcluded() && last.nextAttemptAt() != null;
    }

    private Optional<Job> latestJob() {
        return observed.jobs().stream()
                .filter(job -> MaterializationJob.runOf(job).isPresent())
                .max(MaterializationJob.NUMBERS.order());
    }
}
