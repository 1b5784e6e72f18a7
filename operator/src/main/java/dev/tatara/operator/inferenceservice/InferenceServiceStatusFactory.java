package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RolloutStatus;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.plan.ModelChoice;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.PodTrouble;
import dev.tatara.operator.inferenceservice.plan.Promotions;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.ServedModel;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Says in the status of a service what was observed and planned. Pure. */
final class InferenceServiceStatusFactory {
    private static final int KEPT_HISTORY = 10;

    private final Observed observed;
    private final Plan plan;
    private final Optional<Refusal> refusal;
    private final Optional<Rollbacks.Answer> rollback;
    private final InferenceService service;
    private final InferenceServiceStatus before;

    /**
     * A factory for one reconciliation.
     *
     * @param refusal why the specification can't be honoured, if so
     * @param rollback what was decided just now about rollbacks that policies ask for
     */
    InferenceServiceStatusFactory(
            Observed observed, Plan plan, Optional<Refusal> refusal, Optional<Rollbacks.Answer> rollback) {
        this.observed = observed;
        this.plan = plan;
        this.refusal = refusal;
        this.rollback = rollback;
        this.service = observed.service();
        this.before = service.getStatus() == null ? InferenceServiceStatus.EMPTY : service.getStatus();
    }

    InferenceServiceStatus create() {
        var stable = stable().map(id -> revision(id, before.stable(), 100));
        var candidate = candidate().map(id -> revision(id, before.candidate(), 0));
        return new InferenceServiceStatus(
                service.getMetadata().getGeneration(),
                phase(),
                "http://" + service.getMetadata().getName() + "."
                        + service.getMetadata().getNamespace() + ".svc",
                null,
                modelName(),
                stable.orElse(null),
                candidate.orElse(null),
                rollout(),
                history(),
                Stream.concat(rejection().stream(), before.rejected().stream()).toList(),
                stable().map(observed::podsOf).orElse(0),
                stable().map(this::selector).orElse(null),
                handled(),
                conditions());
    }

    private Optional<Rejection> rejection() {
        return rollback.map(Rollbacks.Answer::rejection);
    }

    private Handled handled() {
        var known = before.handled() == null ? new Handled(null, null, null, null, null) : before.handled();
        return rollback.map(answer ->
                        new Handled(known.promote(), known.abort(), known.retry(), known.rollback(), answer.handled()))
                .orElse(before.handled());
    }

    private List<Condition> conditions() {
        var conditions =
                new ConditionSet(before.conditions(), service.getMetadata().getGeneration(), observed.now());
        ready(conditions);
        upToDate(conditions);
        progressing(conditions);
        accepted(conditions);
        stalled(conditions);
        return conditions.toList();
    }

    private void ready(ConditionSet conditions) {
        var stable = stable();
        if (stable.isEmpty()) {
            var nothing = (Plan.Rollout.Nothing) plan.rollout();
            conditions.isFalse("Ready", nothing.reason(), nothing.message());
            return;
        }
        var ready = observed.readyReplicas(stable.get());
        if (ready > 0) {
            conditions.isTrue(
                    "Ready",
                    "Serving",
                    nameOf(stable.get()) + " is served"
                            + trouble(stable.get())
                                    .map(trouble -> " by " + ready + " of " + observed.replicas(stable.get())
                                            + " pods; " + trouble)
                                    .orElse(""));
        } else if (isScaledToZero(stable.get())) {
            conditions.isFalse("Ready", "ScaledToZero", "spec.replicas is 0; raise it to serve");
        } else {
            conditions.isFalse(
                    "Ready",
                    trouble(stable.get()).isPresent() ? "PodsNotReady" : "PodsStarting",
                    "no pod of " + nameOf(stable.get()) + " is ready yet"
                            + trouble(stable.get()).map(t -> ": " + t).orElse(""));
        }
    }

    private void upToDate(ConditionSet conditions) {
        switch (plan.rollout()) {
            case Plan.Rollout.Settled(String stable)
            when observed.readyReplicas(stable) > 0 ->
                conditions.isTrue("UpToDate", "AsSpecified", nameOf(stable) + " is what the spec asks for");
            case Plan.Rollout.Settled(String stable) ->
                conditions.isFalse("UpToDate", "PodsStarting", nameOf(stable) + " isn't served yet");
            case Plan.Rollout.Nothing(String reason, String message) -> conditions.isFalse("UpToDate", reason, message);
            case Plan.Rollout.Held(String stable, String reason, String message) ->
                conditions.isFalse("UpToDate", reason, message + "; " + nameOf(stable) + " is served until then");
            case Plan.Rollout.Rolling rolling ->
                conditions.isFalse(
                        "UpToDate",
                        rolling.paused() ? "Paused" : "RollingOut",
                        nameOf(rolling.candidate()) + " is on its way; " + nameOf(rolling.stable())
                                + " is served until then");
        }
    }

    private void progressing(ConditionSet conditions) {
        switch (plan.rollout()) {
            case Plan.Rollout.Settled(String stable)
            when observed.readyReplicas(stable) == 0 && !isScaledToZero(stable) ->
                conditions.isTrue("Progressing", "PodsStarting", "waiting for pods of " + nameOf(stable));
            case Plan.Rollout.Settled settled -> conditions.isFalse("Progressing", "Complete", "nothing to roll out");
            case Plan.Rollout.Nothing(String reason, String message) ->
                conditions.isFalse("Progressing", reason, message);
            case Plan.Rollout.Held(String stable, String reason, String message) ->
                conditions.isFalse("Progressing", reason, message);
            case Plan.Rollout.Rolling rolling -> {
                if (rolling.paused()) {
                    conditions.isFalse(
                            "Progressing", "Paused", "spec.rollout.paused holds the rollout; set it to false to go on");
                } else if (rolling.overdue()) {
                    conditions.isFalse("Progressing", "ProgressDeadlineExceeded", rollingMessage(rolling));
                } else {
                    conditions.isTrue("Progressing", "RollingOut", rollingMessage(rolling));
                }
            }
        }
    }

    private void accepted(ConditionSet conditions) {
        if (refusal.isPresent()) {
            conditions.isFalse("Accepted", refusal.get().reason(), refusal.get().message());
            return;
        }
        conditions.isTrue("Accepted", "Accepted", "");
    }

    /** Only a person can help: kstatus and Flux give up waiting. */
    private void stalled(ConditionSet conditions) {
        if (phase() == Phase.RolledBack && plan.rollout() instanceof Plan.Rollout.Held held) {
            conditions.isTrue("Stalled", Plan.Rollout.ROLLED_BACK, held.message());
        }
    }

    private Phase phase() {
        return switch (plan.rollout()) {
            case Plan.Rollout.Nothing nothing -> refusal.isPresent() ? Phase.Failed : Phase.Pending;
            case Plan.Rollout.Rolling rolling when rolling.paused() -> Phase.Paused;
            case Plan.Rollout.Rolling rolling when rolling.overdue() -> Phase.Degraded;
            case Plan.Rollout.Rolling rolling -> Phase.Progressing;
            case Plan.Rollout.Held(String stable, String reason, String message) ->
                observed.readyReplicas(stable) == 0
                        ? Phase.Degraded
                        : Promotions.isBack(history(), stable) ? Phase.RolledBack : Phase.Ready;
            case Plan.Rollout.Settled(String stable) -> {
                if (trouble(stable).isPresent()) {
                    yield Phase.Degraded;
                }
                if (observed.readyReplicas(stable) > 0 || isScaledToZero(stable)) {
                    yield Phase.Ready;
                }
                yield wasServing() ? Phase.Degraded : Phase.Pending;
            }
        };
    }

    private boolean isScaledToZero(String stable) {
        return observed.deployments().containsKey(stable) && observed.replicas(stable) == 0;
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
        var same = before.rollout() != null
                && rolling.candidate().equals(before.rollout().revision());
        var startedAt = same ? before.rollout().startedAt() : observed.now();
        return new RolloutStatus(
                Strategy.RollingUpdate,
                rolling.candidate(),
                null,
                null,
                null,
                startedAt,
                startedAt,
                rolling.paused()
                        ? (same && before.rollout().pausedAt() != null
                                ? before.rollout().pausedAt()
                                : observed.now())
                        : null,
                null,
                rollingMessage(rolling),
                List.of());
    }

    private String rollingMessage(Plan.Rollout.Rolling rolling) {
        return "waiting for pods of " + nameOf(rolling.candidate()) + ": "
                + Math.min(observed.readyReplicas(rolling.candidate()), rolling.wanted()) + " of " + rolling.wanted()
                + " ready" + trouble(rolling.candidate()).map(t -> "; " + t).orElse("");
    }

    /** The rollouts that ended, newest first. What the status of before didn't know of yet is added. */
    private List<Outcome> history() {
        var history = new ArrayList<Outcome>();
        rejection()
                .map(rejected -> new Outcome(
                        rejected.revision(),
                        rejected.modelVersion(),
                        rejected.digest(),
                        rejected.at(),
                        Outcome.End.RolledBack,
                        rejected.reason()))
                .ifPresent(history::add);
        ended().ifPresent(history::add);
        history.addAll(before.history());
        return history.size() <= KEPT_HISTORY ? history : history.subList(0, KEPT_HISTORY);
    }

    private Optional<Outcome> ended() {
        var stableBefore = before.stable() == null ? null : before.stable().revision();
        var candidateBefore =
                before.candidate() == null ? null : before.candidate().revision();
        if (stable().isPresent() && !stable().get().equals(stableBefore)) {
            return Optional.of(outcome(stable().get(), Outcome.End.Promoted, null));
        }
        if (candidateBefore != null && !Optional.of(candidateBefore).equals(candidate())) {
            var superseded = candidate().isPresent();
            return Optional.of(new Outcome(
                    candidateBefore,
                    before.candidate().modelVersion(),
                    before.candidate().digest(),
                    observed.now(),
                    superseded ? Outcome.End.Superseded : Outcome.End.Aborted,
                    superseded ? "another revision was asked for" : "the spec asks for stable again"));
        }
        return Optional.empty();
    }

    private Outcome outcome(String id, Outcome.End end, String reason) {
        var model = served(id);
        return new Outcome(
                id,
                model.map(ServedModel::modelVersion).orElse(null),
                model.map(ServedModel::digest).orElse(null),
                observed.now(),
                end,
                reason);
    }

    private RevisionStatus revision(String id, RevisionStatus previous, int weight) {
        var model = served(id);
        return new RevisionStatus(
                model.map(ServedModel::modelVersion).orElse(null),
                id,
                model.map(ServedModel::digest).orElse(null),
                observed.imageOf(id).orElse(null),
                weight,
                weight,
                observed.replicas(id),
                observed.readyReplicas(id),
                previous != null && id.equals(previous.revision()) && previous.since() != null
                        ? previous.since()
                        : since(id));
    }

    private Instant since(String id) {
        return stable().filter(id::equals)
                .flatMap(stable -> observed.selectedAt())
                .orElse(observed.now());
    }

    private Optional<String> stable() {
        return switch (plan.rollout()) {
            case Plan.Rollout.Nothing nothing -> Optional.empty();
            case Plan.Rollout.Settled(String stable) -> Optional.of(stable);
            case Plan.Rollout.Held(String stable, String reason, String message) -> Optional.of(stable);
            case Plan.Rollout.Rolling rolling -> Optional.of(rolling.stable());
        };
    }

    private Optional<String> candidate() {
        return plan.rollout() instanceof Plan.Rollout.Rolling rolling
                ? Optional.of(rolling.candidate())
                : Optional.empty();
    }

    /** The registered model, as far as it is known. */
    private String modelName() {
        var follow = service.getSpec().model().follow();
        if (follow != null) {
            return follow.model();
        }
        return chosen().or(() -> stable().flatMap(observed::modelOf))
                .map(ServedModel::model)
                .orElse(null);
    }

    /** The model that a revision serves; one rendered just now is the one that was chosen. */
    private Optional<ServedModel> served(String revision) {
        return observed.modelOf(revision).or(this::chosen);
    }

    private Optional<ServedModel> chosen() {
        return observed.choice() instanceof ModelChoice.Chosen(ServedModel model, var facts, var views)
                ? Optional.of(model)
                : Optional.empty();
    }

    private String nameOf(String revision) {
        return served(revision).map(ServedModel::modelVersion).orElse("revision " + revision);
    }

    private Optional<String> trouble(String revision) {
        return PodTrouble.in(observed.pods().stream()
                .filter(pod -> revision.equals(pod.getMetadata().getLabels().get(Labels.REVISION)))
                .toList());
    }

    private String selector(String revision) {
        return Labels.ownerKey(InferenceService.class) + "="
                + service.getMetadata().getName() + "," + Labels.REVISION + "=" + revision;
    }
}
