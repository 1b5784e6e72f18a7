package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.operator.inferenceservice.rollout.Happening.Promptness;
import java.time.Duration;
import java.time.Instant;

/** All routers of a service: they acknowledge how requests are divided at once, after a while, or not. */
final class PlayedRouters {
    private static final Duration SLOWNESS = Duration.ofSeconds(3);

    private Promptness how = Promptness.AtOnce;
    private Routing told;
    private Routing acknowledged;
    private Instant acknowledgedAt;

    PlayedRouters(Routing first) {
        told = first;
        acknowledged = first;
    }

    void answer(Promptness promptness, Instant now) {
        how = promptness;
        acknowledgedAt = null;
        tell(told, now);
    }

    Convergence tell(Routing routing, Instant now) {
        if (!routing.equals(told)) {
            told = routing;
            acknowledgedAt = null;
        }
        if (!isConverged()) {
            switch (how) {
                case AtOnce -> acknowledged = told;
                case Slowly -> acknowledgedAt = acknowledgedAt == null ? now.plus(SLOWNESS) : acknowledgedAt;
                case Never -> {}
            }
        }
        return convergence();
    }

    /** What time has brought. */
    void settle(Instant now) {
        if (acknowledgedAt != null && !acknowledgedAt.isAfter(now)) {
            acknowledged = told;
            acknowledgedAt = null;
        }
    }

    /** When they will have acknowledged; {@code null} if there is nothing to wait for, or no use in it. */
    Instant next() {
        return acknowledgedAt;
    }

    Routing told() {
        return told;
    }

    Routing acknowledged() {
        return acknowledged;
    }

    Convergence convergence() {
        return isConverged()
                ? Convergence.complete(1)
                : Convergence.pending(1, "PodUnreachable", "a pod doesn't answer");
    }

    private boolean isConverged() {
        return acknowledged.equals(told);
    }
}
