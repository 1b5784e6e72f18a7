package dev.tatara.runtime.inference;

import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Whether requests are run together: as the model was found when it was loaded, until it shows otherwise. Shared by all
 * threads that run it.
 */
final class Togetherness {
    private static final Logger LOG = Logger.getLogger(Togetherness.class);
    private static final int FORGIVEN = 3;

    private final AtomicInteger disappointments = new AtomicInteger();
    private volatile boolean allowed;

    Togetherness(boolean allowed) {
        this.allowed = allowed;
    }

    boolean isAllowed() {
        return allowed;
    }

    /** Requests failed together of which each alone succeeds. */
    void disappointed(String how) {
        if (disappointments.incrementAndGet() == FORGIVEN) {
            allowed = false;
            LOG.warnf(
                    "requests are run one by one from now on: %d times some failed together that succeed alone (%s)",
                    FORGIVEN, how);
        }
    }
}
