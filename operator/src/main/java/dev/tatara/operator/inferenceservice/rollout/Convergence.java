package dev.tatara.operator.inferenceservice.rollout;

/**
 * How far a {@link Routing} is in force.
 *
 * @param generation generation of the traffic table that states it; 0 before there is one
 * @param isComplete whether every router has acknowledged this table or a newer one
 * @param reason fit for the condition TrafficConverged: {@code Converged}, {@code Pushing}, {@code PodUnreachable}, …
 * @param message which routers are waited for, and what they said; when complete, who divides the requests, empty
 *     for the pods
 */
public record Convergence(long generation, boolean isComplete, String reason, String message) {
    /** Reason of a routing that every router has acknowledged. */
    public static final String CONVERGED = "Converged";

    /** Every router has acknowledged. */
    public static Convergence complete(long generation) {
        return new Convergence(generation, true, CONVERGED, "");
    }

    /** Some router hasn't. */
    public static Convergence pending(long generation, String reason, String message) {
        return new Convergence(generation, false, reason, message);
    }
}
