package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.Instant;

/** When an object is decided upon again, if nothing happens before. */
public final class WakeUp {
    private static final Duration SOON = Duration.ofSeconds(1);

    private WakeUp() {}

    /** At a time; never where that is {@code null}, soon where it has passed. */
    public static <P extends HasMetadata> UpdateControl<P> at(Instant time, Instant now) {
        if (time == null) {
            return UpdateControl.noUpdate();
        }
        var delay = Duration.between(now, time);
        // Timers count in milliseconds, times in the API have more digits: not a moment too early.
        return delay.isPositive() ? UpdateControl.<P>noUpdate().rescheduleAfter(delay.plusMillis(1)) : soon();
    }

    /** The earlier of two times, either of which may be {@code null}: never. */
    public static Instant earlier(Instant one, Instant other) {
        return one == null ? other : other == null || one.isBefore(other) ? one : other;
    }

    /** In a moment: what was decided upon has changed meanwhile. */
    public static <P extends HasMetadata> UpdateControl<P> soon() {
        return UpdateControl.<P>noUpdate().rescheduleAfter(SOON);
    }
}
