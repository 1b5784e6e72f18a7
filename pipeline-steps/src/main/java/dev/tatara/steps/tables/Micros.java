package dev.tatara.steps.tables;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as DuckDB counts them: microseconds since 1970. */
public final class Micros {
    private Micros() {}

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Cut off to whole microseconds. */
    public static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    /** Cut off to whole microseconds; too long a time is an {@link ArithmeticException}. */
    public static long of(Duration duration) {
        return Math.addExact(Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1000);
    }

    /** The number in SQL of a time in SQL. */
    public static String count(String time) {
        return "epoch_us(" + time + ")";
    }

    /** The time in SQL. */
    public static String sql(Instant instant) {
        return "make_timestamptz(" + of(instant) + ")";
    }
}
