package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress.Occasion;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.driftpolicy.plan.EvaluationLook.Concluded;
import dev.tatara.operator.driftpolicy.plan.Support.Refusal;
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
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Decides about the evaluations of a policy: one after the other, each of one or more attempts, each attempt a Job whose
 * name follows from the two numbers. Everything it knows comes from the status and the Jobs, so that it goes on where an
 * operator that was killed had stopped.
 */
final class EvaluationPlanner {
    /** A window ends when it was planned to, unless that is longer ago. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private final Observed observed;
    private final DriftPolicy policy;
    private final DriftPolicyStatus status;
    private final PlanSettings settings;
    private final Instant now;
    private final Rules rules;
    private final Optional<Refusal> refusal;
    private final EvaluationProgress last;
    private final EvaluationRun run;
    private final int attempt;
    private final String definition;
    private final EarlierTrouble trouble;
    private final StepTerms<DriftEvaluated> terms;
    private final EvaluationJobs jobs;

    /**
     * Looks at the evaluations.
     *
     * @param now in whole seconds
     */
    EvaluationPlanner(Observed observed, PlanSettings settings, Instant now) {
        this.observed = observed;
        this.policy = observed.policy();
        this.status = observed.status();
        this.settings = settings;
        this.now = now;
        this.rules = new Rules(policy.getSpec());
        this.refusal = Support.refusal(policy.getSpec());
        this.last = status.evaluation();
        this.definition = PolicyDefinition.digest(policy);
        this.trouble = new EarlierTrouble(
                ConditionSet.find(status.conditions(), "Progressing").orElse(null));
        this.terms = EvaluationTerms.of(settings);
        this.jobs = new EvaluationJobs(observed);
        var known = EvaluationRun.of(last);
        // A Job that the status doesn't know of was made right before an operator ended.
        var unknown = jobs.latest().filter(job -> EvaluationJob.NUMBERS.isAfter(job, last));
        this.run = unknown.flatMap(EvaluationJob::runOf).orElse(known);
        this.attempt = unknown.map(AttemptLabels::attemptOf).orElse(known == null ? 0 : last.attemptSoFar());
    }

    EvaluationLook look() {
        return run == null || isConcluded() ? next() : current();
    }

    /** No attempt is in progress, as far as the status tells. */
    private EvaluationLook next() {
        var wanted = mayStart() ? wanted() : Optional.<Occasion>empty();
        if (wanted.isPresent()) {
            return observed.stable().isPresent() ? start(anew(wanted.get()), 1) : rest(awaiting());
        }
        if (mayStart() && isWaiting() && !now.isBefore(last.nextAttemptAt())) {
            // Another revision serves by now: what is looked at is another thing.
            return isAboutWhatServes()
                    ? start(run, attempt + 1)
                    : observed.stable().isPresent() ? start(anew(run.occasion()), 1) : rest(awaiting());
        }
        return rest(idle(last));
    }

    /** The attempt is in progress, as far as the status tells. */
    private EvaluationLook current() {
        var job = jobs.find(run.number(), attempt);
        if (job.isEmpty()) {
            // Somebody deleted it, or the operator ended before it could make it.
            if (!mayStart()) {
                return rest(idle(null));
            }
            if (isAboutWhatServes() && definition.equals(run.definition())) {
                return start(run, attempt);
            }
            return observed.stable().isPresent() ? start(anew(run.occasion()), 1) : rest(awaiting());
        }
        var progress =
                progress(run, attempt, Instant.parse(job.get().getMetadata().getCreationTimestamp()));
        return switch (StepReader.read(job.get(), observed.pods(), terms, now)) {
            case Running<DriftEvaluated> running -> {
                // What can't start for a mistake in the old definition must not keep the new one waiting.
                if (running.isHeldUp()
                        && !definition.equals(run.definition())
                        && mayStart()
                        && observed.stable().isPresent()) {
                    yield start(anew(Occasion.DefinitionChange), 1);
                }
                yield look(
                        new Activity.Running(running.reason(), trouble.messageOf(running), running.isHeldUp()),
                        progress,
                        null,
                        job.get(),
                        missingDefinition(run),
                        null,
                        running.lookAgainAt(now));
            }
            case Ended<DriftEvaluated> ended ->
                conclude(progress, job.get(), checked(trouble.explain(ended.result(), terms)), ended.at());
        };
    }

    private EvaluationLook conclude(
            EvaluationProgress progress, Job job, StepResult<DriftEvaluated> result, Instant finished) {
        var outcome = StepOutcome.valueOf(result.outcome().name());
        var retryAt =
                outcome == StepOutcome.Failed ? now.plus(settings.afterFailure().after(attempt)) : null;
        var end = progress.ended(
                finished.truncatedTo(ChronoUnit.SECONDS),
                retryAt,
                outcome,
                result.reason(),
                ClaimUri.inWords(result.message()));
        return look(
                idle(end),
                end,
                outcome == StepOutcome.Succeeded ? new Concluded(run, result.details()) : null,
                job,
                null,
                null,
                mayStart() ? retryAt : null);
    }

    private EvaluationLook start(EvaluationRun next, int number) {
        var job = EvaluationJob.render(observed, next, number, settings);
        return look(
                new Activity.Running(
                        Activity.EVALUATING,
                        "Job " + job.getMetadata().getName() + " compares the live traffic with the reference",
                        false),
                progress(next, number, now),
                null,
                job,
                missingDefinition(next),
                job,
                null);
    }

    private EvaluationLook rest(Activity activity) {
        return look(
                activity,
                last,
                null,
                null,
                null,
                null,
                activity instanceof Activity.Waiting(Instant until) ? until : null);
    }

    private EvaluationLook look(
            Activity activity,
            EvaluationProgress progress,
            Concluded concluded,
            Job job,
            ConfigMap missingDefinition,
            Job start,
            Instant wakeAt) {
        // Before the first one there is nothing to count from: it is due as soon as it can be made.
        var next = progress == null ? null : due(progress);
        var isAwaited = mayStart()
                && next != null
                && (activity instanceof Activity.Idle || activity instanceof Activity.Waiting);
        return new EvaluationLook(
                activity,
                progress,
                concluded,
                next,
                handled(job),
                missingDefinition,
                start,
                jobs.obsolete(progress, start),
                WakeUp.earlier(wakeAt, isAwaited ? next : null));
    }

    /** What asks for an evaluation now that none is in progress; a failed one may still wait to be repeated. */
    private Optional<Occasion> wanted() {
        var request = Annotations.valueOf(policy, Annotations.EVALUATE);
        if (request != null && !request.equals(handledSoFar())) {
            return Optional.of(Occasion.Request);
        }
        if (last != null && last.hasFailed() && !definition.equals(last.definition())) {
            return Optional.of(Occasion.DefinitionChange);
        }
        return now.isBefore(due(last)) ? Optional.empty() : Optional.of(Occasion.Schedule);
    }

    /** A new evaluation of what serves now. */
    private EvaluationRun anew(Occasion occasion) {
        var stable = observed.stable().orElseThrow();
        var due = due(last);
        var isOnTime = occasion == Occasion.Schedule
                && run != null
                && due.isAfter(run.at())
                && Duration.between(due, now).compareTo(LATE) <= 0
                && !due.isAfter(now);
        return new EvaluationRun(
                run == null ? 1 : run.number() + 1,
                occasion,
                isOnTime ? due : now,
                stable.revision(),
                stable.modelVersion(),
                definition);
    }

    /** When the next evaluation is due; {@code null} if there is nothing to evaluate. */
    private Instant due(EvaluationProgress progress) {
        if (!rules.isEvaluated()) {
            return null;
        }
        return progress == null || progress.at() == null ? now : progress.at().plus(rules.every());
    }

    private EvaluationProgress progress(EvaluationRun current, int number, Instant startedAt) {
        return new EvaluationProgress(
                current.number(),
                current.occasion(),
                current.at(),
                current.revision(),
                current.modelVersion(),
                current.definition(),
                number,
                EvaluationJob.nameOf(policy, current.number(), number),
                startedAt,
                null,
                null,
                last == null ? null : last.lastOutcome(),
                last == null ? null : last.lastReason(),
                last == null ? null : last.lastMessage());
    }

    private StepResult<DriftEvaluated> checked(StepResult<DriftEvaluated> result) {
        return result.outcome() == Outcome.Succeeded && result.details() == null
                ? StepResult.failed(
                        EvaluationTerms.STEP,
                        "ResultMissing",
                        "the evaluation succeeded without saying what it found; is "
                                + settings.step().image() + " of the operator's own version?")
                : result;
    }

    private Activity idle(EvaluationProgress end) {
        if (refusal.isPresent()) {
            return new Activity.Refused(refusal.get().reason(), refusal.get().message());
        }
        if (observed.isSuspended()) {
            return new Activity.Suspended();
        }
        return end == null || end.nextAttemptAt() == null
                ? new Activity.Idle()
                : new Activity.Waiting(end.nextAttemptAt());
    }

    private Activity awaiting() {
        var service = policy.getSpec().target().inferenceService();
        return observed.service() == null
                ? new Activity.Awaiting(
                        "ServiceNotFound",
                        "InferenceService " + service + " doesn't exist in this namespace; apply it, and it is watched")
                : new Activity.Awaiting(
                        "ServiceNotServing",
                        "InferenceService " + service + " serves nothing yet (kubectl describe infsvc " + service
                                + " -n " + policy.getMetadata().getNamespace()
                                + " says why); it is watched when it does");
    }

    /** The ConfigMap that a Job's pods wait for, unless it is there; one that is no longer as it was can't be made. */
    private ConfigMap missingDefinition(EvaluationRun current) {
        var name = PolicyDefinition.nameOf(policy, current.definition());
        return definition.equals(current.definition())
                        && observed.maps().stream()
                                .noneMatch(map -> map.getMetadata().getName().equals(name))
                ? PolicyDefinition.render(policy)
                : null;
    }

    /** The annotation's value, once a Job remembers it. */
    private String handled(Job job) {
        var asked = Annotations.valueOf(policy, Annotations.EVALUATE);
        if (asked == null) {
            return null;
        }
        return job != null && asked.equals(Annotations.valueOf(job, Annotations.EVALUATE)) ? asked : handledSoFar();
    }

    private String handledSoFar() {
        return status.handled() == null ? null : status.handled().evaluate();
    }

    private boolean mayStart() {
        return rules.isEvaluated() && refusal.isEmpty() && !observed.isSuspended() && !observed.isDeleted();
    }

    private boolean isAboutWhatServes() {
        return observed.stable()
                .filter(stable -> stable.revision().equals(run.revision()))
                .isPresent();
    }

    private boolean isConcluded() {
        return last != null && last.hasEnded(run.number(), attempt);
    }

    private boolean isWaiting() {
        return run != null && isConcluded() && last.nextAttemptAt() != null;
    }
}
