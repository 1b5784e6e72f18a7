package dev.tatara.operator.inferenceservice.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.List;

/**
 * What is to be done about a service, and where that leaves it.
 *
 * @param apply objects that are to be as given, in this order
 * @param scale Deployments whose number of pods is to change, after {@code apply}
 * @param delete objects that are no longer needed
 * @param recheckAfter when time alone changes the plan; {@code null} if it doesn't
 */
public record Plan(
        List<HasMetadata> apply, List<Scale> scale, List<HasMetadata> delete, Duration recheckAfter, Rollout rollout) {

    /** Sets a Deployment's number of pods. */
    public record Scale(String deployment, int replicas) {}

    /** Where the rollout stands. */
    public sealed interface Rollout {
        /** Reason where what the specification asks for was served and rejected. */
        String ROLLED_BACK = "RolledBack";

        /** Nothing serves and nothing can, for now. */
        record Nothing(String reason, String message) implements Rollout {}

        /** {@code stable} is what is asked for. */
        record Settled(String stable) implements Rollout {}

        /** {@code stable} serves; what is asked for can't be had yet. */
        record Held(String stable, String reason, String message) implements Rollout {}

        /**
         * {@code candidate} gets ready to take over from {@code stable}.
         *
         * @param wanted pods that the candidate must have ready
         * @param overdue whether the candidate has used up its time
         * @param paused whether a person holds the rollout
         */
        record Rolling(String stable, String candidate, int wanted, boolean overdue, boolean paused)
                implements Rollout {}
    }
}
