package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Step;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.TrainedModel;
import dev.tatara.contracts.Published;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import dev.tatara.operator.trainingjob.sweep.LedgerMap;
import dev.tatara.operator.trainingjob.sweep.SweepDecision;
import dev.tatara.operator.trainingjob.sweep.SweepEnd;
import dev.tatara.operator.trainingjob.sweep.SweepPlanner;
import dev.tatara.operator.trainingjob.sweep.SweepState;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import dev.tatara.operator.trainingjob.train.TrainerObjects;
import dev.tatara.operator.trainingjob.train.TrainerReader;
import dev.tatara.operator.trainingjob.train.TrainerRun;
import dev.tatara.operator.trainingjob.train.TrainerState;
import dev.tatara.operator.trainingjob.train.Trial;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The step in which the user's own image trains: one Job, or a sweep of many. */
final class TrainStep {
    /** How often a trainer's log is looked at. */
    private static final int LOG_SECONDS = 15;

    private final TrainingRun run;
    private final Observed observed;
    private final PlanSettings settings;
    private final LookMaker looks;
    private final Attempts attempts;
    private final Instant now;

    TrainStep(TrainingRun run, Observed observed, PlanSettings settings, LookMaker looks, Attempts attempts) {
        this.run = run;
        this.observed = observed;
        this.settings = settings;
        this.looks = looks;
        this.attempts = attempts;
        this.now = looks.clock.now();
    }

    /** Nothing to say once there is a model and the next step is to be looked at. */
    Optional<Look> look() {
        return run.spec().sweep() == null ? single() : sweep();
    }

    private Optional<Look> single() {
        var waiting = attempts.adopt();
        if (waiting.isPresent()) {
            return waiting;
        }
        var found = looks.jobOf(looks.progress.attempt);
        if (found.isEmpty()) {
            var recalls = TrainerReader.RESULT_LOST.equals(looks.progress.lastReason);
            var objects = render(null, looks.progress.attempt, recalls);
            return Optional.of(looks.starts(
                    TrainerReader.TRAINING,
                    recalls ? "looks for the model that was trained" : "trains the model",
                    servicesOf(objects),
                    objects.job()));
        }
        var job = found.get();
        if (job.getMetadata().getDeletionTimestamp() != null) {
            return Optional.of(looks.goneSoon(job));
        }
        looks.progress.runs(
                job.getMetadata().getName(), Instant.parse(job.getMetadata().getCreationTimestamp()));
        var state = TrainerReader.read(job, observed.pods(), settings.trainer(), now);
        return switch (state.step()) {
            case StepState.Running<Published> running -> Optional.of(underWay(state, running));
            case StepState.Ended<Published> ended ->
                attempts.ended(
                        ended.result(),
                        ended.at(),
                        state.isFree(),
                        published -> trained(published, state.imageId(), ended.at(), null));
        };
    }

    private Look underWay(TrainerState state, StepState.Running<Published> running) {
        var log = state.logPod() == null
                ? Optional.<Integer>empty()
                : observed.logs().latest(state.logPod(), null).map(latest -> latest.progressPercent());
        log.ifPresent(looks.draft::progress);
        var wakeAt =
                running.lookAgain() || state.logPod() == null ? running.lookAgainAt(now) : now.plusSeconds(LOG_SECONDS);
        return looks.under(
                new Activity.Running(running.reason(), running.message(), running.isHeldUp()),
                List.of(),
                List.of(),
                wakeAt);
    }

    private Optional<Look> sweep() {
        var ledger = observed.map(LedgerMap.nameOf(run.job(), run.number())).orElse(null);
        var decision = SweepPlanner.plan(
                SweepState.observe(
                        run.job(),
                        run.number(),
                        run.seed(),
                        ledger,
                        observed.jobsOf(run.number()),
                        observed.pods(),
                        settings.trainer(),
                        observed.logs(),
                        now),
                now);
        looks.sweep(
                decision.status(),
                decision.ledger() == null ? null : LedgerMap.render(run.job(), run.number(), decision.ledger(), ledger),
                obsolete(decision));
        looks.draft.progress(percentOf(decision));
        return switch (decision.end()) {
            case SweepEnd.Best best -> {
                looks.tell(
                        TrainingJobEvent.StepSucceeded,
                        StepWords.noun(Step.Train) + " succeeded: trial " + best.trial() + " is the best: "
                                + run.spec().sweep().objective().metric() + " = " + best.value(),
                        Step.Train.name());
                trained(best.published(), best.imageId(), now, new Trial(best.trial(), best.parameters()));
                yield Optional.empty();
            }
            case SweepEnd.Failed failed ->
                Optional.of(looks.end(RunPhase.Failed, failed.reason(), "the sweep: " + failed.message()));
            case null ->
                Optional.of(looks.under(
                        new Activity.Running(decision.reason(), decision.message(), decision.isHeldUp()),
                        starts(decision),
                        List.of(),
                        decision.wakeAt()));
        };
    }

    private void trained(Published published, String image, Instant at, Trial trial) {
        looks.progress.model = new TrainedModel(
                ClaimUri.unmounted(published.model().uri()),
                published.model().sha256(),
                image == null ? run.spec().trainer().image() : image,
                at,
                trial == null ? null : trial.number(),
                trial == null ? null : trial.parameters());
        looks.draft.progress(null);
        looks.progress.goTo(Step.Evaluate);
    }

    private List<HasMetadata> starts(SweepDecision decision) {
        var create = new ArrayList<HasMetadata>();
        for (var start : decision.start()) {
            var objects = render(start.trial(), start.attempt(), start.recalls());
            create.addAll(servicesOf(objects));
            create.add(objects.job());
        }
        return create;
    }

    private List<HasMetadata> obsolete(SweepDecision decision) {
        var names = decision.delete().stream()
                .map(job -> job.getMetadata().getName())
                .toList();
        Stream<Service> services = observed.services().stream()
                .filter(service -> names.contains(service.getMetadata().getName()));
        return Stream.<HasMetadata>concat(decision.delete().stream(), services).toList();
    }

    private Integer percentOf(SweepDecision decision) {
        var status = decision.status();
        if (status == null) {
            return null;
        }
        var over =
                (status.completed() == null ? 0 : status.completed()) + (status.failed() == null ? 0 : status.failed());
        return Math.min(100, 100 * over / run.spec().sweep().trials());
    }

    private TrainerObjects render(Trial trial, int attempt, boolean recalls) {
        return TrainerJob.render(
                new TrainerRun(
                        run.job(),
                        run.number(),
                        run.store(),
                        run.folder(),
                        trial,
                        attempt,
                        recalls,
                        looks.clock.left(),
                        run.dataStart(),
                        run.startedAt(),
                        run.seed(),
                        looks.draft.mlflowRun()),
                settings.trainer(),
                settings.serialization());
    }

    private static List<HasMetadata> servicesOf(TrainerObjects objects) {
        return objects.service() == null ? List.of() : List.of(objects.service());
    }
}
