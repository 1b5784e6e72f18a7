package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RolloutStatus;
import dev.tatara.operator.inferenceservice.plan.ModelChoice;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.Promotions;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.ServedModel;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
        var stable = stable().map(id -> revision(id, before.stable(), ALL - weight, ALL - observedWeight));
        var candidate = candidate().map(id -> revision(id, before.candidate(), weight, observedWeight));
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
                stable().map(observed::podsOf).orElse(0),
                stable().map(this::selector).orElse(null),
                handled(),
                conditions());
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
        return plan.apply().stream()
                .filter(object -> object instanceof Service)
                .map(object -> object.getMetadata().getName())
                .filter(name -> !name.equals(service.getMetadata().getName()))
                .findFirst()
                .map(name -> "http://" + name + "." + service.getMetadata().getNamespace() + ".svc")
                .orElse(plan.note() != null ? before.previewUrl() : null);
    }

    private List<Condition> conditions() {
        var conditions =
                new ConditionSet(before.conditions(), service.getMetadata().getGeneration(), observed.now());
        ready(conditions);
        upToDate(conditions);
        progressing(conditions);
        analysisPassed(conditions);
        trafficConverged(conditions);
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

    private void analysisPassed(ConditionSet conditions) {
        if (!(plan.rollout() instanceof Plan.Rollout.Rolling rolling)
                || rolling.progress().checks().isEmpty()) {
            return;
        }
        var checks = rolling.progress().checks();
        var failed = named(checks, Verdict.Failed);
        var lacking = named(checks, Verdict.InsufficientData);
        if (!failed.isEmpty()) {
            conditions.isFalse("AnalysisPassed", "CheckFailed", failed);
        } else if (!lacking.isEmpty()) {
            conditions.isUnknown("AnalysisPassed", "InsufficientData", lacking);
        } else {
            conditions.isTrue("AnalysisPassed", "ChecksPassed", "every check passes");
        }
    }

    private static String named(List<CheckStatus> checks, Verdict verdict) {
        return checks.stream()
                .filter(check -> check.verdict() == verdict)
                .map(check -> check.name() + (check.message() == null ? "" : ": " + check.message()))
                .collect(Collectors.joining("; "));
    }

    /** At rest no news of pods that come and go: they begin with the table that is stored. */
    private void trafficConverged(ConditionSet conditions) {
        var known = ConditionSet.find(before.conditions(), "TrafficConverged");
        var divides = weight() > 0;
        if (convergence == null || plan.note() != null) {
            known.filter(condition -> stable().isPresent())
                    .ifPresent(condition -> conditions.is(
                            condition.holds(), "TrafficConverged", condition.reason(), condition.message()));
        } else if (convergence.isComplete() || (!divides && convergence.reason().equals("Pushing"))) {
            conditions.isTrue("TrafficConverged", Convergence.CONVERGED, "every pod divides the requests as planned");
        } else {
            conditions.isFalse("TrafficConverged", convergence.reason(), convergence.message());
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
            case Plan.Rollout.Returning returning ->
                conditions.isFalse("UpToDate", Plan.Rollout.ROLLED_BACK, returningMessage(returning));
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
            case Plan.Rollout.Returning returning ->
                conditions.isTrue("Progressing", "RollingBack", returningMessage(returning));
            case Plan.Rollout.Rolling rolling -> {
                if (rolling.paused()) {
                    conditions.isFalse("Progressing", rolling.progress().pause().name(), rolling.message());
                } else if (rolling.overdue()) {
                    conditions.isFalse("Progressing", "ProgressDeadlineExceeded", rolling.message());
                } else {
                    conditions.isTrue("Progressing", "RollingOut", rolling.message());
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

    /** Whether the last rollout was undone for good: its model may be quarantined by now, and so no longer asked for. */
    private boolean isLatestRejected() {
        return history().stream()
                .limit(1)
                .filter(latest -> latest.outcome() == Outcome.End.RolledBack)
                .anyMatch(latest -> observed.rejections().stream()
                        .anyMatch(rejection -> rejection.revision().equals(latest.revision())));
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
        var generation = convergence != null && convergence.generation() > 0
                ? Long.valueOf(convergence.generation())
                : before.rollout() == null ? null : before.rollout().generation();
        return rolling.progress().toStatus(rolling.stages(), generation, rolling.message());
    }

    private String returningMessage(Plan.Rollout.Returning returning) {
        return "going back from " + nameOf(returning.stable()) + " to " + nameOf(returning.earlier())
                + ": waiting for its pods"
                + trouble(returning.earlier()).map(t -> "; " + t).orElse("");
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
        return stable().filter(stable -> !stable.equals(stableBefore))
                .map(stable -> outcome(stable, Outcome.End.Promoted, null));
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

    private RevisionStatus revision(String id, RevisionStatus previous, int weight, int observedWeight) {
        var model = served(id);
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
            case Plan.Rollout.Returning returning -> Optional.of(returning.stable());
        };
    }

    private Optional<String> candidate() {
        return switch (plan.rollout()) {
            case Plan.Rollout.Rolling rolling -> Optional.of(rolling.candidate());
            case Plan.Rollout.Returning returning -> Optional.of(returning.earlier());
            case Plan.Rollout.Nothing nothing -> Optional.empty();
            case Plan.Rollout.Held held -> Optional.empty();
            case Plan.Rollout.Settled settled -> Optional.empty();
        };
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
        return observed.troubleOf(revision);
    }

    private String selector(String revision) {
        return Labels.ownerKey(InferenceService.class) + "="
                + service.getMetadata().getName() + "," + Labels.REVISION + "=" + revision;
    }
}
