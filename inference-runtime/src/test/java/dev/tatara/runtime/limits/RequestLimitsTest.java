package dev.tatara.runtime.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.inference.EngineMeters.Rejection;
import dev.tatara.runtime.inference.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RequestLimitsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long START = Long.MAX_VALUE - SECOND;
    private final List<Rejection> rejections = new ArrayList<>();

    private RequestLimits limits(int perSecond, int perClient) {
        return new RequestLimits(of(perSecond), of(perClient), rejections::add, START);
    }

    private static OptionalInt of(int limit) {
        return limit == 0 ? OptionalInt.empty() : OptionalInt.of(limit);
    }

    @Test
    void withoutLimitsEverybodyIsLetIn() {
        RequestLimits none = limits(0, 0);
        assertThat(none.areByClient()).isFalse();
        for (int i = 0; i < 10_000; i++) {
            assertThat(none.refusal(null, START)).isNull();
        }
    }

    @Test
    void aSecondsWorthIsLetInAtOnceAndThenTheRate() {
        RequestLimits limits = limits(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(limits.refusal(null, START)).isNull();
        }
        RequestException refusal = limits.refusal(null, START);
        assertThat(refusal.status()).isEqualTo(429);
        assertThat(refusal.retryAfterSeconds()).isEqualTo(1);
        assertThat(refusal).hasMessageContaining("more than 10 requests per second of all clients together");
        // Over the edge of the clock's numbers, as System.nanoTime() may go.
        assertThat(limits.refusal(null, START + SECOND / 10)).isNull();
        assertThat(limits.refusal(null, START + SECOND / 10)).isNotNull();
        for (int i = 0; i < 10; i++) {
            assertThat(limits.refusal(null, START + 5 * SECOND)).isNull();
        }
        assertThat(limits.refusal(null, START + 5 * SECOND)).isNotNull();
        assertThat(rejections).containsOnly(Rejection.RATE_LIMIT).hasSize(3);
    }

    @Test
    void aClientOverItsLimitTakesNothingFromTheOthers() {
        RequestLimits limits = limits(10, 5);
        assertThat(limits.areByClient()).isTrue();
        for (int i = 0; i < 100; i++) {
            limits.refusal("greedy", START);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(limits.refusal("modest", START)).isNull();
        }
        assertThat(limits.refusal("modest", START)).hasMessageContaining("limits.per-client");
        assertThat(rejections).containsOnly(Rejection.CLIENT_RATE_LIMIT).hasSize(96);
    }

    @Test
    void aFloodOfClientsCostsNoMemoryAndForgetsNobodyWhoIsBusy() {
        RequestLimits limits = limits(0, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.refusal("busy", START)).isNull();
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(limits.refusal("10.0." + i / 256 + "." + i % 256, START)).isNull();
        }
        assertThat(limits.refusal("busy", START)).isNotNull();
        for (int i = 0; i < 1_000_000; i++) {
            limits.refusal("flood-" + i, START + 1);
        }
    }

    /** In any stretch of time of n seconds at most (n + 1) times the rate is let in, and none is refused for nothing. */
    @Property
    void letsInTheRateAndNoLess(
            @ForAll @IntRange(min = 1, max = 50) int rate,
            @ForAll @Size(min = 1, max = 300) List<@IntRange(max = 400_000_000) Integer> gaps) {
        RateLimit limit = new RateLimit(rate);
        AtomicLong bucket = limit.newBucket(START);
        long now = START;
        double tokens = rate;
        for (int gap : gaps) {
            now += gap;
            tokens = Math.min(rate, tokens + (double) gap * rate / SECOND);
            long wait = limit.take(bucket, now);
            if (wait == 0) {
                tokens -= 1;
            }
            assertThat(tokens).isGreaterThan(-1e-3);
            assertThat(wait == 0 || tokens < 1 + 1e-3).isTrue();
        }
    }
}
