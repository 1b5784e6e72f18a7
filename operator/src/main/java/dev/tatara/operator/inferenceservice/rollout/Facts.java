package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything that the next move of a rollout rests on, besides where it stands.
 *
 * @param stable the revision that the Service selects
 * @param asked what the specification asks for; {@code null} where it asks for nothing that can be had
 * @param obstacle why nothing can be had; {@code null} where something can
 * @param isRejected whether what is asked for was rejected
 * @param underWay the revision whose rollout is under way; {@code null} if none is
 * @param strategy the strategy that applies
 * @param stages its stages
 * @param terms what time and failures do
 * @param isPaused {@code spec.rollout.paused}
 * @param stablePods pods that stable is meant to have
 * @param candidate the pods of what is asked for
 * @param others revisions besides stable and what is asked for that still have pods, with weight 0
 * @param canGoBack whether there is an earlier revision to go back to from stable
 * @param commands what people ask for by annotations
 * @param handled what was acted upon
 * @param rejections the service's rejections
 * @param convergence how far the routing is that follows from where the rollout stands; {@code null} if unknown
 * @param results what checks found just now; {@code null} where nothing was judged
 * @param now the time
 */
public record Facts(
        Target stable,
        Target asked,
        String obstacle,
        boolean isRejected,
        Target underWay,
        Strategy strategy,
        List<Stage> stages,
        Terms terms,
        boolean isPaused,
        int stablePods,
        Pods candidate,
        List<Routing.Share> others,
        boolean canGoBack,
        Commands commands,
        Handled handled,
        List<Rejection> rejections,
        Convergence convergence,
        List<CheckResult> results,
        Instant now) {
    public Facts {
        stages = List.copyOf(stages);
        others = List.copyOf(others);
        rejections = List.copyOf(rejections);
    }

    /** A revision and what it serves. */
    public record Target(String revision, String modelVersion, String digest) {
        /** As people read it. */
        public String describe() {
            return (modelVersion == null ? "" : modelVersion + " (") + "revision " + revision
                    + (modelVersion == null ? "" : ")");
        }
    }

    /**
     * What time and failures do.
     *
     * @param onFailure {@code null} for the strategy's default: RollingUpdate goes on trying, others roll back
     */
    public record Terms(OnFailure onFailure, Duration stepTimeout, Duration progressDeadline) {}

    /**
     * The candidate's pods.
     *
     * @param exist whether they were asked for
     * @param available those of the revision's current template that are ready
     * @param unavailableSince since when some are missing; {@code null} if unknown
     * @param trouble what ails them; {@code null} if nothing is known
     * @param unready what those do that aren't ready; {@code null} if all are
     * @param isShortOfMemory whether what ails them is a limit that is too low, so that waiting doesn't help
     */
    public record Pods(
            boolean exist,
            int available,
            Instant unavailableSince,
            String trouble,
            String unready,
            boolean isShortOfMemory) {
        public static final Pods NONE = new Pods(false, 0, null, null, null, false);

        /** Why they aren't ready, after a time in which they should be: empty, or what follows a text. */
        String whyUnready() {
            return trouble != null ? ": " + trouble : unready != null ? ": " + unready : "";
        }
    }

    /** Values of the annotations by which people act; {@code null} where absent. */
    public record Commands(String promote, String abort, String retry, String rollback) {
        public static final Commands NONE = new Commands(null, null, null, null);
    }

    /** The same with what is known of the routing. */
    public Facts with(Convergence known) {
        return new Facts(
                stable,
                asked,
                obstacle,
                isRejected,
                underWay,
                strategy,
                stages,
                terms,
                isPaused,
                stablePods,
                candidate,
                others,
                canGoBack,
                commands,
                handled,
                rejections,
                known,
                results,
                now);
    }

    /** The revision that is asked for and may be had, be it stable; {@code null} if there is none. */
    public String wantedRevision() {
        return asked == null || isRejected ? null : asked.revision();
    }

    Optional<Target> wanted() {
        return Optional.ofNullable(asked)
                .filter(target -> !isRejected && !target.revision().equals(stable.revision()));
    }
}
