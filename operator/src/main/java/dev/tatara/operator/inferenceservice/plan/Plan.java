package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.Progress;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Stage;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done about a service, and where that leaves it.
 *
 * @param note what changed: it is written to the status, and nothing else is done before the next look; {@code null} if
 *     nothing did
 * @param routing how requests are divided, before {@code apply}; {@code null} while nothing serves
 * @param apply objects that are to be as given, in this order
 * @param scale Deployments whose number of pods is to change, after {@code apply}
 * @param delete objects that are no longer needed
 * @param judging what is to be judged by now; {@code null} if nothing is
 * @param recheckAfter when time alone changes the plan; {@code null} if it doesn't
 */
public record Plan(
        Decision.Note note,
        Routing routing,
        List<HasMetadata> apply,
        List<Scale> scale,
        List<HasMetadata> delete,
        Judging judging,
        Duration recheckAfter,
        Rollout rollout) {

    /** A plan that only notes what changed. */
    static Plan noting(Decision.Note note, Rollout rollout) {
        return new Plan(note, null, List.of(), List.of(), List.of(), null, null, rollout);
    }

    /** Sets a Deployment's number of pods. */
    public record Scale(String deployment, int replicas) {}

    /**
     * A candidate whose checks are due.
     *
     * @param since since when the stage's traffic flows
     */
    public record Judging(String stable, String candidate, Stage stage, Instant since) {}

    /** Where the rollout stands. */
    public sealed interface Rollout {
        /** Reason where what the specification asks for was rejected. */
        String ROLLED_BACK = "RolledBack";

        /** The revision that serves; empty where none does. */
        default Optional<String> serving() {
            return switch (this) {
                case Nothing nothing -> Optional.empty();
                case Settled settled -> Optional.of(settled.stable());
                case Held held -> Optional.of(held.stable());
                case Rolling rolling -> Optional.of(rolling.stable());
                case Returning returning -> Optional.of(returning.stable());
            };
        }

        /** The revision that is to serve next; empty where none is. */
        default Optional<String> onItsWay() {
            return switch (this) {
                case Rolling rolling -> Optional.of(rolling.candidate());
                case Returning returning -> Optional.of(returning.earlier());
                case Nothing nothing -> Optional.empty();
                case Held held -> Optional.empty();
                case Settled settled -> Optional.empty();
            };
        }

        /** Nothing serves and nothing can, for now. */
        record Nothing(String reason, String message) implements Rollout {}

        /** {@code stable} is what is asked for. */
        record Settled(String stable) implements Rollout {}

        /** {@code stable} serves; what is asked for can't be had yet. */
        record Held(String stable, String reason, String message) implements Rollout {}

        /** The way from {@code stable}, which was rejected, to an earlier revision whose pods aren't ready yet. */
        record Returning(String stable, String earlier, int wanted) implements Rollout {}

        /**
         * A candidate is on its way.
         *
         * @param stages number of stages
         * @param overdue whether the candidate has used up its time
         * @param convergence how far the traffic's division is; {@code null} if unknown
         * @param message what is waited for
         */
        record Rolling(
                String stable, Progress progress, int stages, boolean overdue, Convergence convergence, String message)
                implements Rollout {
            public String candidate() {
                return progress.revision();
            }

            public boolean paused() {
                return progress.pause() != null;
            }
        }
    }
}
