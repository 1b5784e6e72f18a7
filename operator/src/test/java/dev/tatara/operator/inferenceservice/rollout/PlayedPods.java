package dev.tatara.operator.inferenceservice.rollout;

import java.time.Duration;
import java.time.Instant;

/** Pods of one revision: they get ready a while after they are asked for, unless something ails them. */
final class PlayedPods {
    static final Duration START_UP = Duration.ofSeconds(20);
    static final Duration SCALE_DOWN_DELAY = Duration.ofMinutes(10);

    private int wanted;
    private int ready;
    private boolean broken;
    private Instant readyAt;
    private Instant unavailableSince;
    private Instant lostTrafficAt;

    PlayedPods(Instant now) {
        unavailableSince = now;
    }

    void want(int count, Instant now) {
        lostTrafficAt = null;
        if (wanted != count) {
            wanted = count;
            ready = Math.min(ready, count);
            start(now);
        }
    }

    void lose(int left, boolean forGood, Instant now) {
        broken = forGood;
        if (ready > left) {
            ready = left;
            unavailableSince = now;
        }
        start(now);
    }

    void mend(Instant now) {
        broken = false;
        start(now);
    }

    private void start(Instant now) {
        readyAt = ready < wanted && !broken ? now.plus(START_UP) : null;
    }

    /** What time has brought. */
    void settle(Instant now) {
        if (readyAt != null && !readyAt.isAfter(now)) {
            ready = wanted;
            readyAt = null;
            unavailableSince = null;
        }
    }

    /** Requests go to others from now on. */
    void loseTraffic(Instant now) {
        if (lostTrafficAt == null) {
            lostTrafficAt = now;
        }
    }

    boolean isGone(Instant now) {
        return lostTrafficAt != null && !lostTrafficAt.plus(SCALE_DOWN_DELAY).isAfter(now);
    }

    /** When time will bring something; {@code null} if it won't. */
    Instant next() {
        var gone = lostTrafficAt == null ? null : lostTrafficAt.plus(SCALE_DOWN_DELAY);
        return readyAt == null || (gone != null && gone.isBefore(readyAt)) ? gone : readyAt;
    }

    int ready() {
        return ready;
    }

    Facts.Pods facts() {
        return new Facts.Pods(true, ready, unavailableSince, broken ? "they crash" : null, null, false);
    }
}
