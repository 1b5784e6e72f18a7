package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Step;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Validated;
import dev.tatara.operator.steps.FailedCheck;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.steps.StepTerms;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides about the run that is under way: one step after the other, each of one or more attempts, each attempt a Job
 * whose name follows from run, step and attempt. Everything it knows comes from the status, the frozen definition and the
 * Jobs, so that it goes on where an operator that was killed had stopped.
 */
final class RunPlanner {
    private final TrainingRun run;
    private final List<FeatureView> views;
    private final Observed observed;
    private final Demands demands;
    private final PlanSettings settings;
    private final Instant now;
    private final StepJobs jobs;
    private final RunDraft draft;
    private final Progress progress;
    private final RunClock clock;
    private final LookMaker looks;
    private final Attempts attempts;

    /**
     * Looks at a run.
     *
     * @param run the run, with what is known of it in MLflow
     * @param views the views as they were when it started
     * @param now in whole seconds
     */
    RunPlanner(
            TrainingRun run,
            List<FeatureView> views,
            RunDraft draft,
            Progress progress,
            Observed observed,
            Demands demands,
            PlanSettings settings,
            Instant now) {
        this.run = run;
        this.views = views;
        this.draft = draft;
        this.progress = progress;
        this.observed = observed;
        this.demands = demands;
        this.settings = settings;
        this.now = now;
        this.jobs = new StepJobs(run, settings.run());
        if (!demands.isSuspended()) {
            progress.resume(now);
        }
        this.clock = RunClock.of(run, progress.paused(), settings.run(), now);
        this.looks = new LookMaker(run, draft, progress, clock, observed, demands.isSuspended());
        this.attempts = new Attempts(run, looks, settings.run().step().image());
    }

    Look look() {
        if (progress.step == Step.Register) {
            var registered = registration().existing();
            if (registered.isPresent()) {
                return registered(registered.get());
            }
        }
        if (demands.cancelled().filter(number -> number == run.number()).isPresent()) {
            return looks.end(
                    RunPhase.Cancelled, "Cancelled", "cancelled, as the annotation " + Annotations.CANCEL + " asks");
        }
        if (demands.isReplacing()) {
            return looks.end(
                    RunPhase.Cancelled, "Replaced", "gave way to the next run (spec.concurrencyPolicy: Replace)");
        }
        if (demands.isSuspended()) {
            return pause();
        }
        if (clock.isOver()) {
            return looks.end(RunPhase.Failed, "DeadlineExceeded", deadlineExceeded());
        }
        while (true) {
            var result =
                    switch (progress.step) {
                        case Validate -> step(StepWords.VALIDATE, Validated.class, this::validate, this::validated);
                        case Join -> step(StepWords.JOIN, JoinedDataset.class, this::join, this::joined);
                        case Train -> new TrainStep(run, observed, settings, looks, attempts).look();
                        case Evaluate -> step(StepWords.EVALUATE, Evaluated.class, this::evaluate, this::evaluated);
                        case Register -> register();
                    };
            if (result.isPresent()) {
                return result.get();
            }
        }
    }

    /** The current step; empty once it has succeeded and the next one is to be looked at. */
    private <D> Optional<Look> step(String word, Class<D> details, Supplier<Job> render, Consumer<D> succeeded) {
        var waiting = attempts.adopt();
        if (waiting.isPresent()) {
            return waiting;
        }
        var terms = terms(word, details);
        var found = looks.jobOf(progress.attempt);
        if (found.isEmpty()) {
            return Optional.of(looks.starts(terms.underWay(), terms.activity(), List.of(), render.get()));
        }
        var job = found.get();
        if (job.getMetadata().getDeletionTimestamp() != null) {
            return Optional.of(looks.goneSoon(job));
        }
        progress.runs(
                job.getMetadata().getName(), Instant.parse(job.getMetadata().getCreationTimestamp()));
        return switch (StepReader.read(job, observed.pods(), terms, now)) {
            case StepState.Running<D> running ->
                Optional.of(looks.under(
                        new Activity.Running(running.reason(), running.message(), running.isHeldUp()),
                        List.of(),
                        List.of(),
                        running.lookAgainAt(now)));
            case StepState.Ended<D> ended -> attempts.ended(ended.result(), ended.at(), false, succeeded);
        };
    }

    private <D> StepTerms<D> terms(String word, Class<D> details) {
        return StepWords.terms(word, details, clock.stepDeadline(), settings.run());
    }

    private Job validate() {
        return jobs.validate(progress.attempt, clock.stepDeadline());
    }

    private Job join() {
        return jobs.join(progress.attempt, clock.stepDeadline());
    }

    private Job evaluate() {
        return jobs.evaluate(
                progress.attempt,
                clock.stepDeadline(),
                progress.model,
                Rival.of(run.spec(), observed.versions(), run.store()),
                Views.keysOf(views));
    }

    private void validated(Validated found) {
        progress.rows = found.rows();
        if (found.mlflowRunId() != null) {
            draft.mlflowRun(found.mlflowRunId());
        }
        var failed = failed(found.checks());
        if (!failed.isEmpty()) {
            looks.tell(TrainingJobEvent.ChecksFailed, FailedCheck.inWords(failed), "checks");
        }
        progress.goTo(Step.Join);
    }

    /** The checks that failed and stop nothing; one with onFailure Log is only counted. */
    private static List<FailedCheck> failed(List<CheckVerdict> checks) {
        return checks.stream()
                .filter(check -> check.verdict() == CheckVerdict.Verdict.Failed)
                .filter(check -> check.onFailure() != CheckVerdict.OnFailure.Log)
                .map(check -> new FailedCheck(check.type(), check.column(), check.value(), check.threshold(), null))
                .toList();
    }

    private void joined(JoinedDataset found) {
        progress.rows = found.entityRows();
        progress.datasets = Datasets.of(found, run);
        progress.goTo(Step.Train);
    }

    private void evaluated(Evaluated found) {
        draft.metrics(found.metrics());
        progress.goTo(Step.Register);
    }

    /** Creates the version; the next look finds it. */
    private Optional<Look> register() {
        var registration = registration();
        var existing = registration.existing();
        if (existing.isPresent()) {
            return Optional.of(registered(existing.get()));
        }
        var found = evaluation();
        if (found.isPresent()) {
            return Optional.of(looks.registers(registration.render(found.get(), progress.datasets)));
        }
        // The pod that said so is gone. The step finds its result and says it again.
        var latest = looks.latestAttempt();
        progress.goTo(Step.Evaluate);
        progress.begin(latest + 1);
        return Optional.empty();
    }

    private Registration registration() {
        return new Registration(run.withMlflowRun(draft.mlflowRun()), progress.model, observed.versions());
    }

    private Optional<Evaluated> evaluation() {
        return looks.jobOf(looks.latestAttempt())
                .map(job -> StepReader.read(job, observed.pods(), terms(StepWords.EVALUATE, Evaluated.class), now))
                .flatMap(state -> state instanceof StepState.Ended<Evaluated> ended
                                && ended.result().outcome() == Outcome.Succeeded
                        ? Optional.ofNullable(ended.result().details())
                        : Optional.empty());
    }

    private Look registered(ModelVersion version) {
        var name = version.getMetadata().getName();
        var stage = version.getSpec().stage();
        draft.registered(name);
        return looks.end(
                RunPhase.Registered,
                "Registered",
                "registered ModelVersion " + name + ", which claims stage " + (stage == null ? "None" : stage.name()));
    }

    /** Stops what runs; the same attempt begins again when the suspension is lifted. */
    private Look pause() {
        if (!progress.isPaused()) {
            looks.tell(TrainingJobEvent.RunSuspended, "spec.suspend stops the run", "suspended at " + now);
        }
        progress.pause(now);
        return looks.under(new Activity.Suspended(), List.of(), looks.unended(), null);
    }

    private String deadlineExceeded() {
        return StepWords.noun(progress.step) + " was under way when the run's " + clock.limitInWords() + " were over"
                + (progress.lastMessage == null ? "" : "; before that it had failed: " + progress.lastMessage) + "; "
                + clock.hint();
    }
}
