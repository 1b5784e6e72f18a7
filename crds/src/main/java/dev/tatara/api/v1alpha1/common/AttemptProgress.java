package dev.tatara.api.v1alpha1.common;

import java.time.Instant;

/** How far something is of those that are done one after the other, each in one or more attempts. */
public interface AttemptProgress {
    /** Its number; 1 is the first. */
    Integer number();

    /** Number of the current or last attempt; 1 is the first. */
    Integer attempt();

    /** When the attempt ended; {@code null} while it is under way. */
    Instant finishedAt();

    /** How the last attempt that ended did so; {@code null} if none has. */
    StepOutcome lastOutcome();

    /** The current or last attempt; 0 before the first. */
    default int attemptSoFar() {
        return attempt() == null ? 0 : attempt();
    }

    /** Whether this attempt has ended. */
    default boolean hasEnded(int number, int attempt) {
        return finishedAt() != null && number() != null && number() == number && attemptSoFar() == attempt;
    }

    /** Whether the last attempt that ended didn't do what it was for. */
    default boolean hasFailed() {
        return lastOutcome() != null && lastOutcome() != StepOutcome.Succeeded;
    }
}
