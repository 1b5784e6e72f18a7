package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.kubernetes.ConditionSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What holds of a service, in conditions. Pure. */
final class InferenceServiceConditions {
    private final Observed observed;
    private final Plan plan;
    private final Optional<Refusal> refusal;
    private final Convergence convergence;
    private final Phase phase;
    private final List<Condition> before;

    /** The conditions of one reconciliation, see {@link InferenceServiceStatusFactory}. */
    InferenceServiceConditions(
            Observed observed, Plan plan, Optional<Refusal> refusal, Convergence convergence, Phase phase) {
        this.observed = observed;
        this.plan = plan;
        this.refusal = refusal;
        this.convergence = convergence;
        this.phase = phase;
        var status = observed.service().getStatus();
        this.before = status == null ? List.of() : status.conditions();
    }

    /** Those that hold or don't, in a fixed order. */
    List<Condition> create() {
        var conditions =
                new ConditionSet(before, observed.service().getMetadata().getGeneration(), observed.now());
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
        var stable = plan.rollout().serving();
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
                    observed.nameOf(stable.get()) + " is served"
                            + observed.troubleOf(stable.get())
                                    .map(trouble -> " by " + ready + " of " + observed.replicas(stable.get())
                                            + " pods; " + trouble)
                                    .orElse(""));
        } else if (observed.isScaledToZero(stable.get())) {
            conditions.isFalse("Ready", "ScaledToZero", "spec.replicas is 0; raise it to serve");
        } else {
            conditions.isFalse(
                    "Ready",
                    observed.troubleOf(stable.get()).isPresent() ? "PodsNotReady" : "PodsStarting",
                    "no pod of " + observed.nameOf(stable.get()) + " is ready yet"
                            + observed.troubleOf(stable.get())
                                    .map(t -> ": " + t)
                                    .orElse(""));
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
        var known = ConditionSet.find(before, "TrafficConverged");
        var divides = plan.rollout() instanceof Plan.Rollout.Rolling rolling
                && rolling.progress().weight() > 0;
        if (convergence == null || plan.note() != null) {
            known.filter(condition -> plan.rollout().serving().isPresent())
                    .ifPresent(condition -> conditions.is(
                            condition.holds(), "TrafficConverged", condition.reason(), condition.message()));
        } else if (convergence.isComplete() || (!divides && convergence.reason().equals("Pushing"))) {
            conditions.isTrue(
                    "TrafficConverged",
                    Convergence.CONVERGED,
                    convergence.message().isEmpty()
                            ? "every pod divides the requests as planned"
                            : convergence.message());
        } else {
            conditions.isFalse("TrafficConverged", convergence.reason(), convergence.message());
        }
    }

    private void upToDate(ConditionSet conditions) {
        switch (plan.rollout()) {
            case Plan.Rollout.Settled(String stable)
            when observed.readyReplicas(stable) > 0 ->
                conditions.isTrue("UpToDate", "AsSpecified", observed.nameOf(stable) + " is what the spec asks for");
            case Plan.Rollout.Settled(String stable) ->
                conditions.isFalse("UpToDate", "PodsStarting", observed.nameOf(stable) + " isn't served yet");
            case Plan.Rollout.Nothing(String reason, String message) -> conditions.isFalse("UpToDate", reason, message);
            case Plan.Rollout.Held(String stable, String reason, String message) ->
                conditions.isFalse(
                        "UpToDate", reason, message + "; " + observed.nameOf(stable) + " is served until then");
            case Plan.Rollout.Returning returning ->
                conditions.isFalse("UpToDate", Plan.Rollout.ROLLED_BACK, returningMessage(returning));
            case Plan.Rollout.Rolling rolling ->
                conditions.isFalse(
                        "UpToDate",
                        rolling.paused() ? "Paused" : "RollingOut",
                        observed.nameOf(rolling.candidate()) + " is on its way; " + observed.nameOf(rolling.stable())
                                + " is served until then");
        }
    }

    private void progressing(ConditionSet conditions) {
        switch (plan.rollout()) {
            case Plan.Rollout.Settled(String stable)
            when observed.readyReplicas(stable) == 0 && !observed.isScaledToZero(stable) ->
                conditions.isTrue("Progressing", "PodsStarting", "waiting for pods of " + observed.nameOf(stable));
            case Plan.Rollout.Settled settled ->
                conditions.isFalse(
                        "Progressing",
                        "Complete",
                        "nothing to roll out"
                                + wentBack().map(why -> "; " + why).orElse(""));
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

    /** What the last rollout ended with, where another model is asked for since it was undone. */
    private Optional<String> wentBack() {
        var status = observed.service().getStatus();
        return status == null
                ? Optional.empty()
                : status.history().stream()
                        .limit(1)
                        .filter(latest -> latest.outcome() == Outcome.End.RolledBack)
                        .filter(latest -> observed.rejections().stream()
                                .anyMatch(rejection -> rejection.revision().equals(latest.revision())))
                        .map(latest -> "the service went back from " + latest.modelVersion()
                                + (latest.reason() == null ? "" : ": " + latest.reason()))
                        .findFirst();
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
        if (phase == Phase.RolledBack && plan.rollout() instanceof Plan.Rollout.Held held) {
            conditions.isTrue("Stalled", Plan.Rollout.ROLLED_BACK, held.message());
        }
    }

    private String returningMessage(Plan.Rollout.Returning returning) {
        return "going back from " + observed.nameOf(returning.stable()) + " to " + observed.nameOf(returning.earlier())
                + ": waiting for its pods"
                + observed.troubleOf(returning.earlier()).map(t -> "; " + t).orElse("");
    }
}
