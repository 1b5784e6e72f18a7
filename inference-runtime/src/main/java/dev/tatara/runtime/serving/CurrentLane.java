package dev.tatara.runtime.serving;

import dev.tatara.runtime.lifecycle.Serving;
import java.time.Duration;

/** One event loop's lane for the model that is loaded now. All protocols of that loop share it. */
public final class CurrentLane {
    private final Serving serving;
    private final Duration eventLoopBudget;
    private Lane lane;

    /**
     * @param eventLoopBudget the longest run that may hold the event loop up
     */
    public CurrentLane(Serving serving, Duration eventLoopBudget) {
        this.serving = serving;
        this.eventLoopBudget = eventLoopBudget;
    }

    /** The lane, another one after another model was loaded; null while there is none. */
    public Lane get() {
        Serving.Loaded loaded = serving.loaded();
        if (lane == null || !lane.loaded().equals(loaded)) {
            close();
            lane = loaded == null ? null : new Lane(loaded, eventLoopBudget);
        }
        return lane;
    }

    /** Frees native memory. */
    public void close() {
        if (lane != null) {
            lane.close();
            lane = null;
        }
    }
}
