package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RolloutStatus;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.Promotions;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.ServedModel;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Says in the status of a service what was observed and planned. Pure. */
public final class InferenceServiceStatusFactory {
    private static final int KEPT_HISTORY = 10;
    private static final int ALL = Routing.ALL;
    private static final Handled NOTHING_HANDLED = new Handled(null, null, null, null, null);

    private final Observed observed;
    private final Plan plan;
    private final Optional<Refusal> refusal;
    private final Optional<Rollbacks.Answer> rollback;
    private final Convergence convergence;
    private final InferenceService service;
    private final InferenceServiceStatus before;

    /**
     * A factory for one reconciliation.
     *
     * @param refusal why the specification can't be honoured, if so
     * @param rollback what was decided just now about rollbacks that policies ask for
     * @param convergence how far the traffic is divided as the plan says; {@code null} if unknown
     */
    public InferenceServiceStatusFactory(
            Observed observed,
            Plan plan,
            Optional<Refusal> refusal,
            Optional<Rollbacks.Answer> rollback,
            Convergence convergence) {
        this.observed = observed;
        this.plan = plan;
        this.refusal = refusal;
        this.rollback = rollback;
        this.convergence = convergence;
        this.service = observed.service();
        this.before = service.getStatus() == null ? InferenceServiceStatus.EMPTY : service.getStatus();
    }

    public InferenceServiceStatus create() {
        var weight = weight();
        var observedWeight = observedWeight();
        var stable = serving().map(id -> revision(id, before.stable(), ALL - weight, ALL - observedWeight));
        var candidate = plan.rollout().onItsWay().map(id -> revision(id, before.candidate(), weight, observedWeight));
        return new InferenceServiceStatus(
                service.getMetadata().getGeneration(),
                phase(),
                "http://" + service.getMetadata().getName() + "."
                        + service.getMetadata().getNamespace() + ".svc",
                previewUrl(),
                modelName(),
                stable.orElse(null),
                candidate.orElse(null),
                rollout(),
                history(),
                rejected(),
                serving().map(observed::podsOf).orElse(0),
                serving().map(this::selector).orElse(null),
                handled(),
                new InferenceServiceConditions(observed, plan, refusal, convergence, phase()).create());
    }

    private Optional<Decision.Note> note() {
        return Optional.ofNullable(plan.note());
    }

    private List<Rejection> rejected() {
        var lifted = note().map(Decision.Note::lifted);
        return Stream.of(
                        rollback.map(Rollbacks.Answer::rejection).stream(),
                        note().map(Decision.Note::rejected).stream(),
                        before.rejected().stream()
                                .filter(rejection -> lifted.filter(revision -> revision.equals(rejection.revision()))
                                        .isEmpty()))
                .flatMap(stream -> stream)
                .toList();
    }

    private Handled handled() {
        if (rollback.isPresent()) {
            var known = before.handled() == null ? new Handled(null, null, null, null, null) : before.handled();
            return new Handled(
                    known.promote(),
                    known.abort(),
                    known.retry(),
                    known.rollback(),
                    rollback.get().handled());
        }
        var handled = note().isPresent() ? note().get().handled() : before.handled();
        return NOTHING_HANDLED.equals(handled) ? null : handled;
    }

    /** Percentage of the traffic that the candidate is meant to get. */
    private int weight() {
        return plan.rollout() instanceof Plan.Rollout.Rolling rolling
                ? rolling.progress().weight()
                : 0;
    }

    /** Percentage that every router has acknowledged: the one before until they have. */
    private int observedWeight() {
        if (!(plan.rollout() instanceof Plan.Rollout.Rolling rolling)) {
            return 0;
        }
        if (convergence != null && convergence.isComplete()) {
            return rolling.progress().weight();
        }
        var candidate = before.candidate();
        return candidate != null
                        && rolling.candidate().equals(candidate.revision())
                        && candidate.observedWeight() != null
                ? candidate.observedWeight()
                : 0;
    }

    private String previewUrl() {
        if (plan.note() != null) {
            return before.previewUrl();
        }
        return plan.apply().stream().anyMatch(object -> ServingObjects.isPreview(service, object))
                ? ServingObjects.candidateUrl(service)
                : null;
    }

    private Phase phase() {
        return switch (plan.rollout()) {
            case Plan.Rollout.Nothing nothing -> refusal.isPresent() ? Phase.Failed : Phase.Pending;
            case Plan.Rollout.Rolling rolling when rolling.paused() -> Phase.Paused;
            case Plan.Rollout.Rolling rolling when rolling.overdue() -> Phase.Degraded;
            case Plan.Rollout.Rolling rolling -> Phase.Progressing;
            case Plan.Rollout.Returning returning -> Phase.Progressing;
            case Plan.Rollout.Held(String stable, String reason, String message) ->
                observed.readyReplicas(stable) == 0
                        ? Phase.Degraded
                        : reason.equals(Plan.Rollout.ROLLED_BACK)
                                        || Promotions.isBack(history(), stable)
                                        || isLatestRejected()
                                ? Phase.RolledBack
                                : Phase.Ready;
            case Plan.Rollout.Settled(String stable) -> {
                if (observed.troubleOf(stable).isPresent()) {
                    yield Phase.Degraded;
                }
                if (observed.readyReplicas(stable) > 0 || observed.isScaledToZero(stable)) {
                    yield Phase.Ready;
                }
                yield wasServing() ? Phase.Degraded : Phase.Pending;
            }
        };
    }

    /** Whether the last rollout was undone for good: its model may be quarantined by now, and so no longer asked for. */
    private boolean isLatestRejected() {
        return history().stream()
                .limit(1)
                .filter(latest -> latest.outcome() == Outcome.End.RolledBack)
                .anyMatch(latest -> observed.rejections().stream()
                        .anyMatch(rejection -> rejection.revision().equals(latest.revision())));
    }

    private boolean wasServing() {
        return before.phase() == Phase.Degraded
                || before.conditions().stream()
                        .anyMatch(condition -> condition.type().equals("Ready") && condition.holds());
    }

    private RolloutStatus rollout() {
        if (!(plan.rollout() instanceof Plan.Rollout.Rolling rolling)) {
            return null;
        }
        var generation = convergence != null && convergence.generation() > 0
                ? Long.valueOf(convergence.generation())
                : before.rollout() == null ? null : before.rollout().generation();
        return rolling.progress().toStatus(rolling.stages(), generation, rolling.message());
    }

    /** The rollouts that ended, newest first. What the status of before didn't know of yet is added. */
    private List<Outcome> history() {
        var history = new ArrayList<Outcome>();
        rollback.map(Rollbacks.Answer::rejection)
                .map(rejected -> new Outcome(
                        rejected.revision(),
                        rejected.modelVersion(),
                        rejected.digest(),
                        rejected.at(),
                        Outcome.End.RolledBack,
                        rejected.reason()))
                .ifPresent(history::add);
        note().map(Decision.Note::ended).ifPresent(history::add);
        promoted().ifPresent(history::add);
        history.addAll(before.history());
        return history.size() <= KEPT_HISTORY ? history : history.subList(0, KEPT_HISTORY);
    }

    private Optional<Outcome> promoted() {
        var stableBefore = before.stable() == null ? null : before.stable().revision();
        return serving()
                .filter(stable -> !stable.equals(stableBefore))
                .map(stable -> outcome(stable, Outcome.End.Promoted, null));
    }

    private Outcome outcome(String id, Outcome.End end, String reason) {
        var model = observed.servedBy(id);
        return new Outcome(
                id,
                model.map(ServedModel::modelVersion).orElse(null),
                model.map(ServedModel::digest).orElse(null),
                observed.now(),
                end,
                reason);
    }

    private RevisionStatus revision(String id, RevisionStatus previous, int weight, int observedWeight) {
        var model = observed.servedBy(id);
        return new RevisionStatus(
                model.map(ServedModel::modelVersion).orElse(null),
                id,
                model.map(ServedModel::digest).orElse(null),
                observed.imageOf(id).orElse(null),
                weight,
                observedWeight,
                observed.replicas(id),
                observed.readyReplicas(id),
                previous != null && id.equals(previous.revision()) && previous.since() != null
                        ? previous.since()
                        : since(id));
    }

    private Instant since(String id) {
        return serving()
                .filter(id::equals)
                .flatMap(stable -> observed.selectedAt())
                .orElse(observed.now());
    }

    /** The registered model, as far as it is known. */
    private String modelName() {
        var follow = service.getSpec().model().follow();
        if (follow != null) {
            return follow.model();
        }
        return observed.chosen()
                .or(() -> serving().flatMap(observed::modelOf))
                .map(ServedModel::model)
                .orElse(null);
    }

    private Optional<String> serving() {
        return plan.rollout().serving();
    }

    private String selector(String revision) {
        return Labels.ownerKey(InferenceService.class) + "="
                + service.getMetadata().getName() + "," + Labels.REVISION + "=" + revision;
    }
}
