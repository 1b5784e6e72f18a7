package dev.tatara.runtime.model;

import java.time.Duration;

/**
 * Whether rows of different requests may be run together.
 *
 * @param possible whether each row's answer was found to be its own
 * @param reason why not, for people; empty if possible
 * @param cost what a run takes
 */
public record Batchability(boolean possible, String reason, RunCost cost) {

    public static Batchability possible(RunCost cost) {
        return new Batchability(true, "", cost);
    }

    public static Batchability impossible(String reason, Duration oneRow) {
        return new Batchability(false, reason, RunCost.ofOneRow(oneRow));
    }
}
