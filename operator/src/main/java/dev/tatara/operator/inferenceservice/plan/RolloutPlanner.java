package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.ServingRuntime;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.Facts;
import dev.tatara.operator.inferenceservice.rollout.Progress;
import dev.tatara.operator.inferenceservice.rollout.RolloutMachine;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans what a service's objects and traffic are to be, whatever its strategy. The revision that serves is the one that
 * the Service selects; where a rollout stands is in the status, and {@link RolloutMachine} says how it goes on.
 *
 * <p>A rollout's candidate comes up beside stable, gets its part of the traffic from stable's pods, and the Service
 * selects it when all stages have passed. Stable's pods stay for the scale-down delay, so that every router has learnt
 * of the change before they go, and a way back needs no pod to start.
 *
 * <p>Pure.
 */
public final class RolloutPlanner {
    private static final Duration DEFAULT_STEP_TIMEOUT = Duration.ofMinutes(30);

    private final PodRenderer renderer;
    private final KubernetesSerialization serialization;
    private final ServingSettings settings;

    public RolloutPlanner(PodRenderer renderer, KubernetesSerialization serialization, ServingSettings settings) {
        this.renderer = renderer;
        this.serialization = serialization;
        this.settings = settings;
    }

    /**
     * What was learnt since a plan was made, for the plan that follows from it.
     *
     * @param convergence how far the plan's routing is; {@code null} if unknown
     * @param results what checks found; {@code null} where nothing was judged
     */
    public record Signals(Convergence convergence, List<CheckResult> results) {
        public static final Signals NONE = new Signals(null, null);
    }

    /** What is asked for, or why it can't be had. */
    private record Asked(Revision revision, ServedModel model, String reason, String message) {
        static Asked nothing(String reason, String message) {
            return new Asked(null, null, reason, message);
        }
    }

    /**
     * The plan for a service.
     *
     * @param refusal why its specification can't be honoured: what serves stays as it is then
     */
    public Plan plan(Observed observed, Optional<Refusal> refusal, Signals signals) {
        var asked = refusal.map(refused -> Asked.nothing(refused.reason(), refused.message()))
                .orElseGet(() -> asked(observed));
        var selected = observed.selectedRevision();
        if (selected.isEmpty()) {
            return asked.revision() == null
                    ? step(observed).finish(new Plan.Rollout.Nothing(asked.reason(), asked.message()))
                    : step(observed)
                            .run(asked.revision(), fixedOr(observed, 0), true)
                            .route(asked.revision().id())
                            .finish(new Plan.Rollout.Settled(asked.revision().id()));
        }
        var stable = selected.get();
        var facts = facts(observed, stable, asked, signals);
        var progress = Progress.of(observed.service().getStatus()).orElse(null);
        return goBack(observed, stable, asked, progress).orElseGet(() -> switch (RolloutMachine.next(progress, facts)) {
            case Decision.Note note -> Plan.noting(note, after(note, observed, facts, asked));
            case Decision.Act act -> act(act, observed, facts, asked);
        });
    }

    private Asked asked(Observed observed) {
        return switch (observed.choice()) {
            case ModelChoice.Chosen chosen -> new Asked(askedFor(observed, chosen), chosen.model(), null, null);
            case ModelChoice.Waiting(String reason, String message) -> Asked.nothing(reason, message);
        };
    }

    private Facts facts(Observed observed, String stable, Asked asked, Signals signals) {
        var rollout = observed.service().getSpec().rollout();
        var status = observed.service().getStatus();
        var revision = asked.revision();
        var isRejected = revision != null && observed.isRejected(revision.id(), Optional.of(asked.model()));
        var wanted = revision == null || isRejected ? null : revision.id();
        var candidate = status == null ? null : status.candidate();
        return new Facts(
                target(stable, observed.modelOf(stable).orElse(null)),
                revision == null ? null : target(revision.id(), asked.model()),
                asked.message(),
                isRejected,
                candidate == null
                        ? null
                        : new Facts.Target(candidate.revision(), candidate.modelVersion(), candidate.digest()),
                Stages.strategyOf(rollout),
                Stages.of(rollout),
                new Facts.Terms(
                        rollout == null ? null : rollout.onFailure(),
                        ServingSettings.of(observed.service(), Rollout::stepTimeout, DEFAULT_STEP_TIMEOUT),
                        settings.progressDeadlineOf(observed.service())),
                isPaused(observed.service()),
                fixedOr(observed, observed.replicas(stable)),
                wanted == null ? Facts.Pods.NONE : pods(observed, wanted),
                others(observed, stable, wanted),
                observed.wayBack().isPresent(),
                commands(observed.service()),
                status == null || status.handled() == null
                        ? new Handled(null, null, null, null, null)
                        : status.handled(),
                status == null ? List.of() : status.rejected(),
                signals.convergence(),
                signals.results(),
                observed.now());
    }

    private static Facts.Target target(String revision, ServedModel model) {
        return new Facts.Target(
                revision, model == null ? null : model.modelVersion(), model == null ? null : model.digest());
    }

    private static Facts.Pods pods(Observed observed, String revision) {
        return new Facts.Pods(
                observed.deployments().containsKey(revision),
                observed.availableReplicas(revision),
                observed.unavailableSince(revision).orElse(null),
                observed.troubleOf(revision).orElse(null),
                PodTrouble.unready(observed.podsWith(revision)).orElse(null),
                PodTrouble.isShortOfMemory(observed.podsWith(revision)));
    }

    /** Revisions that have lost their traffic. Those that were given up are closed; one that was replaced is not. */
    private static List<Routing.Share> others(Observed observed, String stable, String candidate) {
        return observed.deployments().keySet().stream()
                .filter(revision -> !revision.equals(stable) && !revision.equals(candidate))
                .sorted()
                .map(revision -> new Routing.Share(revision, 0, !observed.wasPromotedLast(revision)))
                .toList();
    }

    private static Facts.Commands commands(InferenceService service) {
        var annotations = service.getMetadata().getAnnotations();
        return annotations == null
                ? Facts.Commands.NONE
                : new Facts.Commands(
                        annotations.get(Labels.GROUP + "/promote"),
                        annotations.get(Labels.GROUP + "/abort"),
                        annotations.get(Labels.GROUP + "/retry"),
                        annotations.get(Labels.GROUP + "/rollback"));
    }

    private Plan.Rollout after(Decision.Note note, Observed observed, Facts facts, Asked asked) {
        var stable = facts.stable().revision();
        if (note.progress() != null) {
            var progress = note.progress();
            return new Plan.Rollout.Rolling(
                    stable,
                    progress,
                    facts.stages().size(),
                    false,
                    null,
                    RolloutMachine.message(progress, facts.with((Convergence) null)));
        }
        if (note.rejected() != null && note.rejected().revision().equals(facts.wantedRevision())) {
            return rolledBack(stable, asked, note.rejected());
        }
        return atRest(observed, stable, asked);
    }

    private static Plan.Rollout atRest(Observed observed, String stable, Asked asked) {
        if (asked.revision() == null) {
            return new Plan.Rollout.Held(stable, asked.reason(), asked.message());
        }
        return observed.rejectionOf(asked.revision().id(), Optional.of(asked.model()))
                .map(rejection -> rolledBack(stable, asked, rejection))
                .orElseGet(() -> new Plan.Rollout.Settled(stable));
    }

    private static Plan.Rollout rolledBack(String stable, Asked asked, Rejection rejection) {
        return new Plan.Rollout.Held(
                stable,
                Plan.Rollout.ROLLED_BACK,
                "the service went back from " + asked.model().modelVersion() + " (revision "
                        + asked.revision().id() + ")"
                        + (rejection.reason() == null ? "" : ": " + rejection.reason())
                        + "; it is rolled out again when "
                        + (Boolean.TRUE.equals(rejection.quarantine())
                                ? "the ModelVersion is released"
                                : "somebody annotates the service with mlops.tatara.dev/retry="
                                        + asked.revision().id())
                        + ", or as another revision");
    }

    private Plan act(Decision.Act act, Observed observed, Facts facts, Asked asked) {
        var stable = facts.stable().revision();
        if (act.progress() == null) {
            var rest = atRest(observed, stable, asked);
            var step = step(observed);
            if (rest instanceof Plan.Rollout.Settled) {
                step.run(asked.revision(), fixedOr(observed, observed.replicas(stable)), false);
            } else {
                step.keep(stable);
            }
            return step.divide(act.routing()).route(stable).finish(rest);
        }
        var candidate = asked.revision();
        var wanted = act.candidatePods().map(count -> candidatePods(observed, candidate.id(), count));
        if (act.isPromoted()) {
            return step(observed)
                    .divide(act.routing())
                    .run(candidate, wanted.orElseThrow(), true)
                    .select(candidate.id())
                    .finish(new Plan.Rollout.Settled(candidate.id()));
        }
        var progress = act.progress();
        var step = step(observed)
                .divide(act.routing())
                .keep(stable)
                .keepPods(progress.keptReplicas())
                .route(stable);
        wanted.ifPresent(count -> step.run(candidate, count, true));
        if (act.recheckAt() != null) {
            step.recheckAfter(Duration.between(observed.now(), act.recheckAt()));
        }
        var stage = facts.stages().get(progress.stage());
        var asksJobs = stage.asksJobs();
        if ((stage.preview() || asksJobs) && wanted.isPresent()) {
            step.preview(candidate.id());
        }
        if (asksJobs) {
            step.stableAddress(stable);
        }
        if (RolloutMachine.isAnalysisDue(progress, facts)) {
            step.judge(new Plan.Judging(stable, candidate.id(), stage, progress.heldSince()));
        }
        return step.finish(new Plan.Rollout.Rolling(
                stable, progress, facts.stages().size(), act.isOverdue(), facts.convergence(), act.message()));
    }

    /** With an autoscaler stable's number goes up and down; the candidate doesn't follow it down while it is judged. */
    private static int candidatePods(Observed observed, String candidate, int count) {
        return observed.service().getSpec().autoscaling() == null
                ? count
                : Math.max(count, observed.replicas(candidate));
    }

    /** The revision that the specification asks for with this model, as it is frozen or, if it is new, rendered now. */
    public Revision askedFor(Observed observed, ModelChoice.Chosen chosen) {
        var content = RevisionContent.of(observed.service().getSpec(), chosen);
        var id = content.id();
        var highest = observed.revisions().values().stream()
                .mapToLong(Revision::number)
                .max()
                .orElse(0);
        var known = observed.revisions().get(id);
        if (known == null) {
            return new Revision(
                    id, highest + 1, renderer.render(observed.service(), content, chosen.facts(), settings));
        }
        var numbered = known.number() == highest ? known : known.withNumber(highest + 1);
        if (!upgradesAutomatically(observed.service())) {
            return numbered;
        }
        // What is told of a model is no reason to start its pods anew.
        var facts =
                known.frozen().facts() == null ? chosen.facts() : known.frozen().facts();
        return new Revision(id, numbered.number(), renderer.render(observed.service(), content, facts, settings));
    }

    /** The Deployment of a revision, for the API server's opinion before it is frozen. */
    public HasMetadata deploymentOf(InferenceService service, Revision revision) {
        return ServingObjects.deployment(
                service, revision, settings.progressDeadlineOf(service), settings.trafficKey());
    }

    /** The traffic's way from a revision that was rejected to the one before; empty where there is none. */
    private Optional<Plan> goBack(Observed observed, String stable, Asked asked, Progress progress) {
        return Optional.of(stable)
                .filter(revision -> observed.isRejected(revision, observed.modelOf(revision)))
                .flatMap(revision -> observed.wayBack())
                .map(back -> progress == null
                        ? goBack(observed, stable, observed.revisions().get(back), asked)
                        : Plan.noting(
                                new Decision.Note(
                                        null,
                                        new Outcome(
                                                progress.revision(),
                                                null,
                                                null,
                                                observed.now(),
                                                Outcome.End.Aborted,
                                                "the service goes back from revision " + stable),
                                        null,
                                        null,
                                        observed.service().getStatus().handled(),
                                        Map.of()),
                                new Plan.Rollout.Returning(stable, back, 0)));
    }

    private Plan goBack(Observed observed, String stable, Revision back, Asked asked) {
        var exists = observed.deployments().containsKey(back.id());
        var wanted = fixedOr(observed, observed.replicas(stable));
        var others = others(observed, stable, back.id());
        if (exists && observed.isAvailable(back.id(), wanted)) {
            var shares = new ArrayList<Routing.Share>();
            shares.add(new Routing.Share(back.id(), Routing.ALL, false));
            shares.add(new Routing.Share(stable, 0, true));
            shares.addAll(others);
            var facts = facts(observed, stable, asked, Signals.NONE);
            return step(observed)
                    .divide(new Routing(shares, List.of(), null, "", null))
                    .run(back, wanted, true)
                    .select(back.id())
                    .finish(
                            back.id().equals(facts.wantedRevision())
                                    ? new Plan.Rollout.Settled(back.id())
                                    : held(back.id(), atRest(observed, back.id(), asked)));
        }
        var shares = new ArrayList<Routing.Share>();
        shares.add(new Routing.Share(stable, Routing.ALL, false));
        shares.addAll(others);
        return step(observed)
                .divide(new Routing(shares, List.of(), null, "", null))
                .keep(stable)
                .route(stable)
                .run(back, wanted, true)
                .finish(new Plan.Rollout.Returning(stable, back.id(), wanted));
    }

    /** What is asked for besides is rolled out from the revision that serves again. */
    private static Plan.Rollout held(String stable, Plan.Rollout rest) {
        return rest instanceof Plan.Rollout.Settled
                ? new Plan.Rollout.Held(stable, "RollingOut", "what the spec asks for is rolled out next")
                : rest;
    }

    /** The number of pods the specification states, or with autoscaling what there is now, within its bounds. */
    static int fixedOr(Observed observed, int current) {
        var spec = observed.service().getSpec();
        if (spec.autoscaling() == null) {
            return spec.replicas() == null ? 1 : spec.replicas();
        }
        return Math.clamp(
                current,
                ServingObjects.minReplicas(spec.autoscaling()),
                spec.autoscaling().maxReplicas());
    }

    private PlanStep step(Observed observed) {
        return new PlanStep(observed, serialization, settings);
    }

    private static boolean isPaused(InferenceService service) {
        var rollout = service.getSpec().rollout();
        return rollout != null && Boolean.TRUE.equals(rollout.paused());
    }

    private static boolean upgradesAutomatically(InferenceService service) {
        var runtime = service.getSpec().runtime();
        return runtime != null && runtime.upgrade() == ServingRuntime.Upgrade.Automatic;
    }
}
