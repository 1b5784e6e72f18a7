package dev.tatara.runtime.lifecycle;

import dev.tatara.runtime.inference.WorkerEngine;
import dev.tatara.runtime.metrics.ServingMetrics;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Observer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** What the process is doing now: shared by all event loops. */
public final class Serving {
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong bufferedBytes = new AtomicLong();
    private volatile Loaded loaded;
    private volatile boolean draining;

    /**
     * The model and what belongs to it.
     *
     * @param observers makes an observer for one event loop
     */
    public record Loaded(
            ServedModel model, WorkerEngine workers, ServingMetrics metrics, Supplier<Observer> observers) {}

    /** The model, or null while it is loading. */
    public Loaded loaded() {
        return loaded;
    }

    public void setLoaded(Loaded loaded) {
        this.loaded = loaded;
    }

    /** Whether the model answered once and nobody asked the process to end. */
    public boolean isReady() {
        return loaded != null && !draining;
    }

    public boolean isDraining() {
        return draining;
    }

    /** Asks load balancers to look elsewhere; requests that come are still answered. */
    public void startDraining() {
        draining = true;
    }

    /** Requests between their first byte and the last byte of their answer. */
    public AtomicInteger active() {
        return active;
    }

    /** Bytes of bodies that came in more than one piece and aren't complete. */
    public AtomicLong bufferedBytes() {
        return bufferedBytes;
    }
}
