package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;

/** What of a specification can't be honoured, and what of it comes to nothing. */
final class Support {
    private static final Duration SHORTEST = Duration.ofSeconds(5);
    /** Of two classes one probability tells both. */
    private static final Set<String> NEED_ALL_PROBABILITIES = Set.of("roc_auc", "auc", "auc_roc", "log_loss");

    /**
     * Why nothing is evaluated.
     *
     * @param reason one CamelCase word
     * @param message what to change
     */
    record Refusal(String reason, String message) {}

    private Support() {}

    static Optional<Refusal> refusal(DriftPolicySpec spec) {
        var every = new Rules(spec).every();
        return every.compareTo(SHORTEST) < 0
                ? Optional.of(new Refusal(
                        "InvalidSpec",
                        "spec.window.every is " + spec.window().every() + ": each evaluation is a Job, so that "
                                + SHORTEST.toSeconds() + "s is the least"))
                : Optional.empty();
    }

    /**
     * What is accepted and has no effect; empty if everything has.
     *
     * @param service the service that is watched, {@code null} if it isn't there
     * @param version what it serves, {@code null} if it isn't known or there
     */
    static String withoutEffect(DriftPolicySpec spec, InferenceService service, ModelVersion version) {
        var watched = new Rules(spec).watched();
        var idle = new ArrayList<String>();
        if (watched.isEmpty()) {
            idle.add("nothing is watched: set spec.data, prediction, performance, service, alerts or newRows");
        }
        if (!spec.performance().isEmpty() && service != null && !keepsLedger(service)) {
            idle.add("performance can't be judged, since InferenceService "
                    + service.getMetadata().getName() + " keeps no ledger: set spec.monitoring.ledger there");
        }
        var classes = classesOf(version);
        if (classes > 2) {
            spec.performance().stream()
                    .map(Performance::metric)
                    .filter(NEED_ALL_PROBABILITIES::contains)
                    .forEach(metric -> idle.add("performance " + metric + " can't be judged of "
                            + version.getMetadata().getName() + ", which has " + classes
                            + " classes, since a ledger keeps the highest probability alone: choose f1 or accuracy"));
        }
        for (Action action : spec.actions()) {
            action.when().stream()
                    .filter(breach -> !watched.contains(breach))
                    .forEach(breach -> idle.add(
                            "action " + action.name() + " waits for " + breach + ", which the policy doesn't watch"));
        }
        return idle.isEmpty() ? "" : "without effect: " + String.join("; ", idle);
    }

    private static int classesOf(ModelVersion version) {
        return version == null || version.getStatus() == null
                ? 0
                : version.getStatus().classes().size();
    }

    private static boolean keepsLedger(InferenceService service) {
        var monitoring = service.getSpec().monitoring();
        return monitoring != null && Boolean.TRUE.equals(monitoring.ledger());
    }
}
