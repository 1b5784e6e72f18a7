package dev.tatara.runtime.serving;

import dev.tatara.runtime.features.StoreLinks;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.routing.TrafficCounts;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One event loop's lane for the model that is loaded now. All protocols of that loop share it. */
public final class CurrentLane {
    private final Serving serving;
    private final Duration eventLoopBudget;
    private final StoreLinks links;
    private final LaneStatistics statistics = new LaneStatistics();
    private final TrafficCounts traffic;
    private CompletableFuture<Void> freed = CompletableFuture.completedFuture(null);
    private CompletableFuture<Void> earlierFreed = freed;
    private Lane lane;

    /**
     * @param eventLoopBudget the longest run that may hold the event loop up
     * @param links to the online stores, null where nothing is looked up
     */
    public CurrentLane(Serving serving, Duration eventLoopBudget, StoreLinks links) {
        this.serving = serving;
        this.eventLoopBudget = eventLoopBudget;
        this.links = links;
        traffic = serving.routing().newCounts();
    }

    /** What this event loop counts while requests are routed. */
    public TrafficCounts traffic() {
        return traffic;
    }

    /** Has the event loop learn of another model even if no request comes. */
    public void open(Context context) {
        serving.addLane(new Serving.LaneHandle() {
            @Override
            public CompletableFuture<Void> refresh() {
                CompletableFuture<CompletableFuture<Void>> changed = new CompletableFuture<>();
                context.runOnContext(now -> {
                    get();
                    changed.complete(earlierFreed);
                });
                return changed.thenCompose(earlier -> earlier);
            }

            @Override
            public LaneStatistics statistics() {
                return statistics;
            }
        });
    }

    /** The lane, another one after another model was loaded; null while there is none. */
    @SuppressWarnings("ReferenceEquality") // the same model loaded again is another one
    public Lane get() {
        Serving.Loaded loaded = serving.loaded();
        if (lane == null ? loaded != null : lane.loaded() != loaded) {
            close();
            if (loaded != null) {
                CompletableFuture<Void> whenFreed = new CompletableFuture<>();
                freed = whenFreed;
                lane = new Lane(
                        loaded,
                        eventLoopBudget,
                        links,
                        statistics,
                        serving.routing(),
                        traffic,
                        () -> whenFreed.complete(null));
            }
        }
        return lane;
    }

    /** Frees native memory as soon as the last request is done. */
    public void close() {
        if (lane != null) {
            earlierFreed = CompletableFuture.allOf(earlierFreed, freed);
            lane.close();
            lane = null;
        }
    }
}
