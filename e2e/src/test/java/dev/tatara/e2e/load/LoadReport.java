package dev.tatara.e2e.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How the requests of a load went.
 *
 * @param sent how many were sent
 * @param duration how long they were sent for
 * @param answers how many right answers each version gave, by the number it multiplies by
 * @param failures those that got no right answer
 */
public record LoadReport(long sent, Duration duration, Map<Integer, Long> answers, List<Failure> failures) {
    /** Requests per second over the whole time. */
    public double rate() {
        return sent / (duration.toMillis() / 1000.0);
    }

    /** Prints how it went, under a name. */
    public LoadReport print(String what) {
        System.out.printf(
                "%s: %d requests in %s (%.0f/s), %s by version, %d failed%n",
                what, sent, duration, rate(), answers, failures.size());
        return this;
    }

    /** Prints how it went, under a name; no request may have failed. */
    public LoadReport assertUnfailing(String what) {
        print(what);
        assertThat(failures).as(what).isEmpty();
        return this;
    }

    /**
     * A request that got no right answer.
     *
     * @param at when it was sent
     * @param took how long it took to fail
     * @param newConnection whether it opened a connection of its own
     * @param why what came instead of a right answer
     */
    public record Failure(Instant at, Duration took, boolean newConnection, String why) {}
}
