package dev.tatara.operator.steps;

import java.time.Duration;

/** Delays that double from {@code initial} up to {@code max}. */
public record Backoff(Duration initial, Duration max) {
    /** The delay after the given attempt, the first of which is 1. */
    public Duration after(int attempt) {
        var delay = initial;
        for (int i = 1; i < attempt && delay.compareTo(max) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(max) < 0 ? delay : max;
    }
}
