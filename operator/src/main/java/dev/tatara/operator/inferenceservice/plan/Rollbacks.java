package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Rollbacks that DriftPolicies ask for. A rollback is a rejection in the service's status, written before anything is
 * done; what is rejected isn't served where there is another way (see {@link RolloutPlanner}), and the model's
 * digest is quarantined by whoever looks after the ModelVersion.
 */
public final class Rollbacks {
    private static final int MAX_TRIGGERS = 64;

    private Rollbacks() {}

    /**
     * What the policies' triggers come to.
     *
     * @param rejection what the service goes back from, {@code null} if it doesn't
     * @param handled ids of the triggers that were acted upon, by policy/action
     * @param refused why a trigger leads to nothing, by its id
     */
    public record Answer(Rejection rejection, Map<String, String> handled, Map<String, String> refused) {
        public Answer {
            handled = Collections.unmodifiableMap(new TreeMap<>(handled));
            refused = Collections.unmodifiableMap(new TreeMap<>(refused));
        }
    }

    /** The answer to triggers that the service hasn't noted yet; empty if there are none. */
    public static Optional<Answer> decide(Observed observed) {
        var known = noted(observed);
        var handled = new TreeMap<>(known);
        handled.keySet().removeIf(key -> isForgotten(key, observed.policies()));
        var refused = new TreeMap<String, String>();
        Rejection rejection = null;
        for (var policy : observed.policies()) {
            for (var trigger : pending(policy)) {
                var key = keyOf(policy, trigger);
                if (trigger.id().equals(known.get(key))) {
                    continue;
                }
                handled.put(key, trigger.id());
                var obstacle = obstacle(observed, trigger);
                if (obstacle.isPresent()) {
                    refused.put(trigger.id(), obstacle.get());
                } else if (rejection == null) {
                    rejection = reject(observed, policy, trigger);
                }
            }
        }
        while (handled.size() > MAX_TRIGGERS) {
            handled.pollFirstEntry();
        }
        return refused.isEmpty() && rejection == null
                ? Optional.empty()
                : Optional.of(new Answer(rejection, handled, refused));
    }

    /** The rejections that still hold: one is lifted with the quarantine that it led to. */
    public static List<Rejection> inForce(InferenceServiceStatus status, Collection<ModelVersion> versions) {
        return status.rejected().stream()
                .filter(rejection -> versions.stream().noneMatch(version -> isReleased(version, rejection)))
                .toList();
    }

    private static boolean isReleased(ModelVersion version, Rejection rejection) {
        var status = version.getStatus();
        if (status == null || status.quarantine() == null || !Boolean.TRUE.equals(rejection.quarantine())) {
            return false;
        }
        var releasedAt = status.quarantine().releasedAt();
        return String.valueOf(status.digest()).equals(rejection.digest())
                && releasedAt != null
                && !releasedAt.isBefore(rejection.at());
    }

    private static Optional<String> obstacle(Observed observed, Trigger trigger) {
        var selected = observed.selectedRevision();
        if (selected.isEmpty() || !selected.get().equals(trigger.revision())) {
            return Optional.of("it means revision " + trigger.revision() + ", which doesn't serve any more");
        }
        if (observed.isRejected(selected.get(), observed.modelOf(selected.get()))) {
            return Optional.of("the service is on its way back from revision " + selected.get() + " already");
        }
        return observed.wayBack().isEmpty()
                ? Optional.of("there is no earlier revision to go back to")
                : Optional.empty();
    }

    private static Rejection reject(Observed observed, DriftPolicy policy, Trigger trigger) {
        var model = observed.modelOf(trigger.revision());
        var back = observed.wayBack().flatMap(observed::modelOf);
        // Where both serve the same file it isn't the file's fault.
        var isTheModels = model.isPresent() && !model.map(ServedModel::digest).equals(back.map(ServedModel::digest));
        return new Rejection(
                trigger.revision(),
                model.map(ServedModel::modelVersion).orElse(null),
                model.map(ServedModel::digest).orElse(null),
                isTheModels,
                observed.now(),
                "DriftPolicy " + policy.getMetadata().getName() + ": " + trigger.reason());
    }

    private static List<Trigger> pending(DriftPolicy policy) {
        if (policy.getStatus() == null || policy.getSpec() == null) {
            return List.of();
        }
        var rollingBack = policy.getSpec().actions().stream()
                .filter(action -> action.then() == Action.Then.Rollback)
                .map(Action::name)
                .toList();
        return policy.getStatus().triggers().stream()
                .filter(trigger -> trigger.state() == Trigger.State.Pending && trigger.id() != null)
                .filter(trigger -> rollingBack.contains(trigger.action()))
                .sorted(Comparator.comparing(Trigger::at, Comparator.nullsLast(Comparator.<Instant>naturalOrder())))
                .toList();
    }

    private static Map<String, String> noted(Observed observed) {
        var status = observed.service().getStatus();
        return status == null || status.handled() == null
                ? Map.of()
                : status.handled().triggers();
    }

    /** Whether a policy has gone, or has that trigger no more. */
    private static boolean isForgotten(String key, List<DriftPolicy> policies) {
        return policies.stream()
                .filter(policy -> policy.getStatus() != null)
                .noneMatch(policy -> policy.getStatus().triggers().stream()
                        .anyMatch(trigger -> keyOf(policy, trigger).equals(key)));
    }

    private static String keyOf(DriftPolicy policy, Trigger trigger) {
        return policy.getMetadata().getName() + "/" + trigger.action();
    }
}
