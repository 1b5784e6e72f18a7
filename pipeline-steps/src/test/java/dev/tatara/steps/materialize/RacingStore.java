package dev.tatara.steps.materialize;

import dev.tatara.steps.ForwardingFolder;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;

/** A store in which somebody else runs just before a catalog is written. */
final class RacingStore extends ForwardingFolder {
    private final Other other;

    RacingStore(StoreFolder store, Other other) {
        super(store);
        this.other = other;
    }

    /** The other one. */
    @FunctionalInterface
    interface Other {
        Object run() throws Exception;
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        try {
            other.run();
        } catch (Exception e) {
            throw new IllegalStateException("the other run must succeed", e);
        }
        return super.putIfAbsent(key, bytes);
    }
}
