package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.ConcurrencyPolicy;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Handled;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import dev.tatara.operator.kubernetes.News.Notice;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.trainingjob.run.Refusal;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides about a training: which run is under way, which one begins, which ones are recorded and which are forgotten.
 * A run exists once its definition does; the status is written after that and may be behind.
 */
final class TrainingPlanner {
    private final Observed observed;
    private final TrainingJob job;
    private final TrainingJobStatus status;
    private final PlanSettings settings;
    private final Instant now;
    private final Optional<Refusal> refusal;
    private final Optional<ConfigMap> open;
    private final Demands demands;
    private final List<Notice<TrainingJobEvent>> news = new ArrayList<>();

    TrainingPlanner(Observed observed, PlanSettings settings, Instant now) {
        this.observed = observed;
        this.job = observed.job();
        this.status = observed.status();
        this.settings = settings;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.refusal = Support.refusal(job.getSpec(), settings.serialization());
        this.open = definitions().filter(this::isOpen).max(Comparator.comparingLong(RunLabels::runOf));
        this.demands = new Demands(observed, refusal, open, this.now);
    }

    Decision plan() {
        demands.nonsense()
                .ifPresent(words -> news.add(new Notice<>(TrainingJobEvent.CancelRefused, words, "annotation")));
        if (open.isPresent()) {
            return underWay(open.get());
        }
        var unfinished = status.runs().stream().filter(run -> !run.hasEnded()).findFirst();
        if (unfinished.isPresent()) {
            return withoutDefinition(unfinished.get());
        }
        if (demands.mayStart()) {
            var demand = demands.next(latestRun() == 0);
            if (demand.isPresent()) {
                var number = latestRun() + 1;
                return begin(RunDraft.begun(number, demand.get().trigger(), null), demand.get());
            }
        }
        return rest();
    }

    private Decision underWay(ConfigMap definition) {
        var run = FrozenDefinition.read(job, definition);
        var number = RunLabels.runOf(definition);
        var known = recorded(number);
        if (run.isEmpty()) {
            var draft = known.map(RunDraft::of).orElseGet(() -> RunDraft.begun(number, Demand.REQUEST, now));
            return over(draft, RunPhase.Failed, "DefinitionUnreadable", unreadable(definition));
        }
        var draft = known.map(RunDraft::of)
                .orElseGet(() ->
                        RunDraft.begun(number, run.get().trigger(), run.get().startedAt()))
                .start(run.get().startedAt());
        if (known.isEmpty() || known.get().phase() == RunPhase.Pending) {
            tellStart(run.get());
        }
        var progress = isActive(number) ? Progress.of(status.active()) : Progress.none();
        var look = new RunPlanner(
                        run.get(),
                        FrozenDefinition.viewsOf(definition),
                        draft,
                        progress,
                        observed,
                        demands,
                        settings,
                        now)
                .look();
        return decision(look, look.create(), demands.handled(Optional.empty()), Optional.empty());
    }

    /** A run that the status knows of and nothing else: it waits to begin, or somebody deleted its definition. */
    private Decision withoutDefinition(Run run) {
        var draft = RunDraft.of(run);
        if (run.startedAt() != null) {
            return over(
                    draft,
                    RunPhase.Failed,
                    "DefinitionMissing",
                    "somebody deleted ConfigMap " + TrainingRun.definitionOf(job, run.number())
                            + ", which said what the run does; start another one");
        }
        if (demands.cancelled().filter(number -> number.equals(run.number())).isPresent()) {
            return over(
                    draft,
                    RunPhase.Cancelled,
                    "Cancelled",
                    "cancelled, as the annotation " + Annotations.CANCEL + " asks");
        }
        if (!demands.mayStart()) {
            return decision(
                    look(idle(), draft.toRun()), List.of(), demands.handled(Optional.empty()), Optional.empty());
        }
        return begin(draft, demands.all(run.trigger()));
    }

    /** Freezes the definition and starts the first step; if something is missing for that, the run waits for it. */
    private Decision begin(RunDraft draft, Demand demand) {
        var common = settings.run().step().store();
        var store = common.or(job.getSpec().artifactStore());
        var views = new Views(observed);
        var missing =
                views.missing(store, common).or(() -> new Feedback(observed).missing(views.present(), store, common));
        if (missing.isPresent()) {
            var why = missing.get();
            draft.says(RunPhase.Pending, why.reason(), why.message());
            if (recorded(draft.number)
                    .filter(run -> why.reason().equals(run.reason()))
                    .isEmpty()) {
                news.add(new Notice<>(
                        TrainingJobEvent.RunAwaits,
                        "run " + draft.number + ": " + why.message(),
                        "run " + draft.number));
            }
            return decision(
                    look(new Activity.Awaiting(why.reason(), why.message()), draft.toRun()),
                    List.of(),
                    demands.handled(Optional.of(demand)),
                    Optional.of(now));
        }
        var run = new TrainingRun(job, draft.number, demand.trigger(), now, store, null);
        var definition = FrozenDefinition.render(run, demand, views.present());
        tellStart(run);
        var look = new RunPlanner(
                        run,
                        views.present(),
                        draft.start(now),
                        Progress.none(),
                        observed,
                        new Demands(observed, refusal, Optional.of(definition), now),
                        settings,
                        now)
                .look();
        return decision(
                look,
                Stream.concat(Stream.of(definition), look.create().stream()).toList(),
                demands.handled(Optional.of(demand)),
                Optional.of(now));
    }

    private Decision over(RunDraft draft, RunPhase phase, String reason, String message) {
        draft.says(phase, reason, message).end(now);
        news.add(new Notice<>(
                phase == RunPhase.Cancelled ? TrainingJobEvent.RunCancelled : TrainingJobEvent.RunFailed,
                "run " + draft.number + ": " + reason + ": " + message,
                "run " + draft.number + ", end"));
        return decision(
                look(new Activity.Idle(), draft.toRun()),
                List.of(),
                demands.handled(Optional.empty()),
                Optional.empty());
    }

    private Decision rest() {
        return decision(look(idle(), null), List.of(), demands.handled(Optional.empty()), Optional.empty());
    }

    private Decision decision(Look look, List<? extends HasMetadata> create, Handled handled, Optional<Instant> begun) {
        var history = new History(observed, settings, now).after(look.run());
        var isBusy = look.run() != null && !look.run().hasEnded();
        var nextScheduleTime = demands.nextScheduleTime(isBusy, begun);
        news.addAll(look.news());
        news.addAll(history.news());
        var isUnderWay = look.active() != null;
        return new Decision(
                isUnderWay || look.activity() instanceof Activity.Awaiting ? look.activity() : idle(),
                history.runs(),
                isUnderWay ? look.run().number() : null,
                look.active(),
                isUnderWay ? look.sweep() : sweepOf(look),
                handled,
                nextScheduleTime,
                look.memory(),
                Stream.<HasMetadata>concat(create.stream(), history.create().stream())
                        .toList(),
                look.register(),
                Stream.<HasMetadata>concat(look.delete().stream(), history.obsolete().stream())
                        .distinct()
                        .toList(),
                news,
                WakeUp.earlier(WakeUp.earlier(look.wakeAt(), history.wakeAt()), awaited(isBusy, nextScheduleTime)));
    }

    /** What the last sweep came to stays until another run begins. */
    private SweepStatus sweepOf(Look look) {
        return look.sweep() == null ? status.sweep() : look.sweep();
    }

    /** The time of the schedule, where it leads to something. */
    private Instant awaited(boolean isBusy, Instant nextScheduleTime) {
        var isHeard = !isBusy || job.getSpec().concurrencyPolicy() == ConcurrencyPolicy.Replace;
        return demands.mayStart() && isHeard ? nextScheduleTime : null;
    }

    private Activity idle() {
        if (refusal.isPresent()) {
            return new Activity.Refused(refusal.get().reason(), refusal.get().message());
        }
        return demands.isSuspended() ? new Activity.Suspended() : new Activity.Idle();
    }

    private static Look look(Activity activity, Run run) {
        return new Look(activity, run, null, null, null, List.of(), null, List.of(), List.of(), null);
    }

    private void tellStart(TrainingRun run) {
        news.add(new Notice<>(
                TrainingJobEvent.RunStarted,
                "run " + run.number() + " started " + Demand.inWords(run.trigger()),
                "run " + run.number()));
    }

    private Stream<ConfigMap> definitions() {
        return observed.maps().stream().filter(FrozenDefinition::isOne);
    }

    /** Whether the definition is that of a run which the status doesn't know to be over. */
    private boolean isOpen(ConfigMap definition) {
        var number = RunLabels.runOf(definition);
        var known = recorded(number);
        return known.map(run -> !run.hasEnded()).orElse(number > recordedLatest());
    }

    private boolean isActive(long number) {
        return status.active() != null && status.activeRun() != null && status.activeRun() == number;
    }

    private Optional<Run> recorded(long number) {
        return status.runs().stream().filter(run -> run.number() == number).findFirst();
    }

    private long recordedLatest() {
        return status.latestRun() == null ? 0 : status.latestRun();
    }

    private long latestRun() {
        return Math.max(
                recordedLatest(),
                definitions().mapToLong(RunLabels::runOf).max().orElse(0));
    }

    private static String unreadable(ConfigMap definition) {
        return "ConfigMap " + definition.getMetadata().getName()
                + ", which says what the run does, can't be read; start another one";
    }
}
