package dev.tatara.operator.alerts;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import java.util.Map;

/**
 * What a DriftPolicy waits for, and what it knows already.
 *
 * @param resourceVersion the state of the object that this was read from
 * @param matchLabels labels that an alert must have, all of them; empty where no alert counts
 */
record Watch(String namespace, String name, String resourceVersion, Map<String, String> matchLabels, AlertBook book) {
    static Watch of(DriftPolicy policy) {
        var spec = policy.getSpec();
        return new Watch(
                policy.getMetadata().getNamespace(),
                policy.getMetadata().getName(),
                policy.getMetadata().getResourceVersion(),
                spec == null || spec.alerts() == null ? Map.of() : spec.alerts().matchLabels(),
                AlertBook.of(policy.getStatus()));
    }

    /** Whether an alert of this namespace is the policy's business. */
    boolean concerns(AlertNews alert) {
        return matches(alert)
                // The labels that it was taken for may have been edited since; it must end all the same.
                || (!alert.isFiring() && book.knows(alert.fingerprint()));
    }

    private boolean matches(AlertNews alert) {
        return !matchLabels.isEmpty()
                && matchLabels.entrySet().stream().allMatch(wanted -> wanted.getValue()
                        .equals(alert.labels().get(wanted.getKey())));
    }
}
