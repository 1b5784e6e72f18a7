package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.ConcurrencyPolicy;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Handled;
import dev.tatara.operator.schedule.CronSchedule;
import dev.tatara.operator.trainingjob.run.Refusal;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a training is asked for: by its creation, its annotations, the policies that it listens to and its schedule. What
 * is not acted upon now is still asked for afterwards.
 */
final class Demands {
    private static final int MAX_TRIGGERS = 256;

    private final TrainingJob job;
    private final TrainingJobStatus status;
    private final Observed observed;
    private final Optional<ConfigMap> open;
    private final Instant now;
    private final Handled handled;
    private final Optional<Refusal> refusal;
    private final Optional<CronSchedule> schedule;

    /**
     * Collects what is asked for.
     *
     * @param refusal why nothing may start
     * @param open the definition of the run that is under way
     */
    Demands(Observed observed, Optional<Refusal> refusal, Optional<ConfigMap> open, Instant now) {
        this.job = observed.job();
        this.status = observed.status();
        this.observed = observed;
        this.open = open;
        this.now = now;
        this.handled = handledSoFar();
        this.refusal = refusal;
        this.schedule = refusal.isPresent() ? Optional.empty() : Support.scheduleOf(job.getSpec());
    }

    boolean isSuspended() {
        return Boolean.TRUE.equals(job.getSpec().suspend());
    }

    boolean mayStart() {
        return refusal.isEmpty() && !isSuspended() && job.getMetadata().getDeletionTimestamp() == null;
    }

    /** Whether the run that is under way gives way to the one that is asked for. */
    boolean isReplacing() {
        return job.getSpec().concurrencyPolicy() == ConcurrencyPolicy.Replace
                && mayStart()
                && next(false).isPresent();
    }

    /** What asks for a run now. */
    Optional<Demand> next(boolean isFirst) {
        var request = Annotations.valueOf(job, Annotations.RUN);
        var due = dueTriggers();
        if (isFirst
                && job.getSpec().triggers() != null
                && Boolean.TRUE.equals(job.getSpec().triggers().onCreate())) {
            return Optional.of(new Demand(Demand.CREATION, request, due));
        }
        if (request != null && !request.equals(handled.run())) {
            return Optional.of(new Demand(Demand.REQUEST, request, due));
        }
        if (!due.isEmpty()) {
            var policy = due.keySet().iterator().next().split("/", 2)[0];
            return Optional.of(new Demand(Demand.POLICY + policy, request, due));
        }
        return schedule.filter(times -> times.isDue(planned(times), now)).isPresent()
                ? Optional.of(new Demand(Demand.SCHEDULE, request, due))
                : Optional.empty();
    }

    /** Everything that is asked for now, on behalf of a run that has waited to begin. */
    Demand all(String trigger) {
        return new Demand(trigger, Annotations.valueOf(job, Annotations.RUN), dueTriggers());
    }

    /** The run that people want ended; empty where they want none or that was done. */
    Optional<Long> cancelled() {
        var value = Annotations.valueOf(job, Annotations.CANCEL);
        return value != null && !value.equals(handled.cancel()) && value.strip().matches("\\d{1,9}")
                ? Optional.of(Long.valueOf(value.strip()))
                : Optional.empty();
    }

    /** Whether the annotation that ends runs says something that is no run. */
    Optional<String> nonsense() {
        var value = Annotations.valueOf(job, Annotations.CANCEL);
        return value == null || value.equals(handled.cancel()) || value.strip().matches("\\d{1,9}")
                ? Optional.empty()
                : Optional.of(Annotations.CANCEL + ": expected the number of a run, found '" + value + "'");
    }

    /**
     * What was acted upon.
     *
     * @param answered what the run that starts now answers
     */
    Handled handled(Optional<Demand> answered) {
        var run = answered.map(Demand::request).filter(Objects::nonNull).orElse(handled.run());
        var triggers = new TreeMap<>(handled.triggers());
        answered.ifPresent(demand -> triggers.putAll(demand.triggers()));
        var result = new Handled(
                Annotations.valueOf(job, Annotations.RUN) == null ? null : run,
                // A run ends as soon as that is asked for; there is nothing to end of one that is over.
                Annotations.valueOf(job, Annotations.CANCEL),
                triggers);
        return result.equals(new Handled(null, null, Map.of())) ? null : result;
    }

    /**
     * When the schedule starts the next run.
     *
     * @param isBusy whether a run is under way or waits to begin
     * @param begun when the run that begins now does so
     */
    Instant nextScheduleTime(boolean isBusy, Optional<Instant> begun) {
        if (schedule.isEmpty()) {
            return refusal.isPresent() ? status.nextScheduleTime() : null;
        }
        var times = schedule.get();
        var planned = planned(times);
        if (begun.isPresent()) {
            return planned.isAfter(begun.get()) ? planned : times.next(begun.get());
        }
        return isBusy || isSuspended() || planned.isAfter(now) || times.isDue(planned, now) ? planned : times.next(now);
    }

    /** The time that was planned; one that an older specification planned counts if it has come. */
    private Instant planned(CronSchedule times) {
        var planned = status.nextScheduleTime();
        var isOld =
                !Objects.equals(status.observedGeneration(), job.getMetadata().getGeneration());
        if (planned == null || (planned.isAfter(now) && isOld)) {
            return times.next(now);
        }
        // It was met by a run whose start the status doesn't know of yet.
        return open.flatMap(map -> FrozenDefinition.read(job, map))
                .filter(run -> !planned.isAfter(run.startedAt()))
                .map(run -> times.next(run.startedAt()))
                .orElse(planned);
    }

    private Map<String, String> dueTriggers() {
        var due = new TreeMap<String, String>();
        for (var name : policies()) {
            observed.policy(name).ifPresent(policy -> pending(policy).forEach(trigger -> {
                var key = name + "/" + trigger.action();
                if (!trigger.id().equals(handled.triggers().get(key))) {
                    due.put(key, trigger.id());
                }
            }));
        }
        return due;
    }

    private List<String> policies() {
        return job.getSpec().triggers() == null
                ? List.of()
                : job.getSpec().triggers().policies();
    }

    private static List<Trigger> pending(DriftPolicy policy) {
        if (policy.getStatus() == null || policy.getSpec() == null) {
            return List.of();
        }
        var retraining = policy.getSpec().actions().stream()
                .filter(action -> action.then() == Action.Then.Retrain)
                .map(Action::name)
                .toList();
        return policy.getStatus().triggers().stream()
                .filter(trigger -> trigger.state() == Trigger.State.Pending && trigger.id() != null)
                .filter(trigger -> retraining.contains(trigger.action()))
                .toList();
    }

    /** What the status knows, and what the run's definition does: the status is written after it. */
    private Handled handledSoFar() {
        var known = status.handled() == null ? new Handled(null, null, null) : status.handled();
        var triggers = new TreeMap<>(known.triggers());
        open.ifPresent(map -> triggers.putAll(FrozenDefinition.triggersOf(map)));
        triggers.keySet().removeIf(this::isForgotten);
        while (triggers.size() > MAX_TRIGGERS) {
            triggers.pollFirstEntry();
        }
        var request = open.map(FrozenDefinition::requestOf).orElse(known.run());
        return new Handled(request == null ? known.run() : request, known.cancel(), triggers);
    }

    /** A trigger of a policy that isn't listened to any more, or that the policy has no more. */
    private boolean isForgotten(String key) {
        var parts = key.split("/", 2);
        if (!policies().contains(parts[0])) {
            return true;
        }
        return observed.policy(parts[0])
                .filter(policy -> policy.getStatus() != null)
                .filter(policy -> policy.getStatus().triggers().stream()
                        .noneMatch(trigger -> trigger.action().equals(parts[1])))
                .isPresent();
    }
}
