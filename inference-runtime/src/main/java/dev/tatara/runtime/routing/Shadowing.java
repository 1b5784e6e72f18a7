package dev.tatara.runtime.routing;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What all event loops share of copying requests: how much memory copies hold, and who compares the answers. */
final class Shadowing {
    /** Bytes of requests and answers that copies may hold together. */
    static final long MOST_BYTES = 16 << 20;

    private static final int MOST_WAITING = 256;
    private static final int KEPT_SECONDS = 10;

    private final AtomicLong held = new AtomicLong();
    private final Mismatches mismatches;
    private final ThreadPoolExecutor comparing = new ThreadPoolExecutor(
            1, 1, KEPT_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> Thread.ofPlatform()
                    .name("shadow-comparison")
                    .daemon()
                    .priority(Thread.MIN_PRIORITY)
                    .unstarted(task));

    Shadowing(boolean shown) {
        mismatches = new Mismatches(shown);
        comparing.allowCoreThreadTimeOut(true);
    }

    /** Whether there is room for so many bytes more, which are then held. */
    boolean hold(long bytes) {
        if (held.addAndGet(bytes) > MOST_BYTES) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void release(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }

    /** Whether somebody will do it, on a thread of its own. */
    boolean compare(Runnable comparison) {
        try {
            comparing.execute(comparison);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    Mismatches mismatches() {
        return mismatches;
    }
}
