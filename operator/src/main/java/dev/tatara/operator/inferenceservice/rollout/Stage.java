package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.api.v1alpha1.rollout.Canary.HeaderMatch;
import dev.tatara.api.v1alpha1.rollout.Shadow.Comparison;
import java.time.Duration;
import java.util.List;

/**
 * One stage of a rollout, whatever its strategy. It begins with pods, then the traffic moves; once every router has
 * acknowledged, the hold begins and the analysis runs.
 *
 * @param name as it appears in status and events
 * @param weight percentage of the traffic that the candidate gets, 0 to 100
 * @param pods how many pods the candidate has
 * @param hold how long it lasts at least, from the acknowledgement of the last router
 * @param manual whether a person lets the rollout go on
 * @param shadowPercent percentage of requests that are copied to the candidate; 0 for none
 * @param comparison how copies are judged; {@code null} where they aren't
 * @param experiment the experiment that the stage is; {@code null} if it is none
 * @param analysis what must hold meanwhile; {@code null} if nothing
 * @param matches requests that go to the candidate whatever its weight
 * @param stickyHeader header with the key that keeps requests on one side; {@code null} without
 * @param preview whether the candidate has an address of its own
 * @param atOnce the traffic goes to the candidate with its promotion, and not before: strategy RollingUpdate
 */
public record Stage(
        String name,
        int weight,
        Pods pods,
        Duration hold,
        boolean manual,
        int shadowPercent,
        Comparison comparison,
        AbTest experiment,
        Analysis analysis,
        List<HeaderMatch> matches,
        String stickyHeader,
        boolean preview,
        boolean atOnce) {
    public Stage {
        matches = List.copyOf(matches);
    }

    /** How many pods the candidate has during a stage. */
    public sealed interface Pods {
        /** As many as stable. */
        record Full() implements Pods {}

        /** As many as its part of the traffic needs, one at least where stable has any. */
        record Proportional() implements Pods {}

        /** A number that the user states; as many as stable once it carries all traffic. */
        record Fixed(int count) implements Pods {}

        /**
         * The number of pods.
         *
         * @param stable the pods that stable has
         * @param percent the part of the requests that reaches the candidate, copies included
         */
        default int of(int stable, int percent) {
            return switch (this) {
                case Full full -> stable;
                case Proportional proportional -> Math.min(stable, Math.max(1, Math.ceilDiv(stable * percent, 100)));
                case Fixed(int count) -> percent >= 100 ? Math.max(count, stable) : count;
            };
        }
    }

    /** Whether a Job of the user's judges the candidate. */
    public boolean asksJobs() {
        return analysis != null && analysis.checks().stream().anyMatch(check -> check.job() != null);
    }

    /** Pods that the candidate must have ready before the stage's traffic moves. */
    public int candidatePods(int stablePods) {
        return pods.of(stablePods, Math.max(weight, shadowPercent));
    }
}
