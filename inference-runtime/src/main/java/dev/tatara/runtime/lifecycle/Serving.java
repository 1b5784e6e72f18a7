package dev.tatara.runtime.lifecycle;

import dev.tatara.runtime.features.FeatureStores;
import dev.tatara.runtime.features.ModelLookup;
import dev.tatara.runtime.inference.BatchingEngine;
import dev.tatara.runtime.inference.EngineMeters.Rejection;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.limits.Admission;
import dev.tatara.runtime.metrics.ServingMetrics;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.AccessLog;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.serving.LaneStatistics;
import dev.tatara.runtime.serving.Observer;
import dev.tatara.runtime.serving.Statistics;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.tracing.Tracing;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What the process is doing now: shared by all event loops. */
public final class Serving {
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong bufferedBytes = new AtomicLong();
    private final List<LaneHandle> lanes = new CopyOnWriteArrayList<>();
    private final Admission admission;
    private final Routing routing;
    private volatile Loaded loaded;
    private volatile Observation observation;
    private volatile AccessLog accessLog;
    private volatile Tracing tracing;
    private volatile FeatureStores features;
    private volatile boolean alone;
    private volatile boolean begun;
    private volatile boolean draining;

    public Serving(RuntimeSettings.Limits limits, Routing routing) {
        admission = new Admission(limits, this::rejected);
        this.routing = routing;
    }

    private void rejected(Rejection reason) {
        Loaded now = loaded;
        if (now != null) {
            now.workers().state().meters().rejected(reason);
        }
    }

    /** Which revision answers what. */
    public Routing routing() {
        return routing;
    }

    /** Who may ask how often. */
    public Admission admission() {
        return admission;
    }

    /**
     * The model and what belongs to it.
     *
     * @param observers makes an observer for one event loop
     * @param caching puts a cache of answers before an event loop's engine, or gives the engine itself back
     * @param lookup what is looked up for it; null where nothing is
     */
    public record Loaded(
            ServedModel model,
            BatchingEngine workers,
            ServingMetrics metrics,
            Supplier<Observer> observers,
            UnaryOperator<InferenceEngine> caching,
            ModelLookup lookup) {}

    /** The model, or null while it is loading. */
    public Loaded loaded() {
        return loaded;
    }

    /** Whether features of requests to the model are looked up. */
    public boolean looksUp() {
        Loaded now = loaded;
        return now != null && now.lookup() != null;
    }

    public void setLoaded(Loaded loaded) {
        this.loaded = loaded;
        begun = true;
    }

    /** Where features are looked up, or null where they aren't. */
    public FeatureStores features() {
        return features;
    }

    public void setFeatures(FeatureStores features) {
        this.features = features;
    }

    /** Serves features and no model from now on. */
    public void beginAlone() {
        alone = true;
        begun = true;
    }

    /** Whether it serves features and no model. */
    public boolean isAlone() {
        return alone;
    }

    /** Whether there ever was a model, loaded still or not. */
    public boolean hasBegun() {
        return begun;
    }

    /** Why there is no model. */
    public String whyNotLoaded() {
        if (alone) {
            return "this server has features and no model (MODEL_URI is not set)";
        }
        return begun ? "the model is unloaded" : "the model is still loading";
    }

    /**
     * Puts another model (or none, null) in the place of what is loaded. Requests that came before are answered by the
     * old one.
     *
     * @return completed when nobody uses the old one any more
     */
    public CompletableFuture<Void> replace(Loaded next) {
        loaded = next;
        return CompletableFuture.allOf(lanes.stream().map(LaneHandle::refresh).toArray(CompletableFuture<?>[]::new));
    }

    /** An event loop that answers requests. */
    public interface LaneHandle {
        /**
         * Has it take up the model that is loaded now.
         *
         * @return completed when it uses no earlier one
         */
        CompletableFuture<Void> refresh();

        /** What it counted. */
        LaneStatistics statistics();
    }

    public void addLane(LaneHandle lane) {
        lanes.add(lane);
    }

    /** What all event loops answered since the process began. */
    public Statistics statistics() {
        return Statistics.sum(lanes.stream().map(LaneHandle::statistics).toList());
    }

    /** What is observed of the traffic, or null before the first model is loaded. */
    public Observation observation() {
        return observation;
    }

    public void setObservation(Observation observation) {
        this.observation = observation;
    }

    /** Where requests are logged, or null. */
    public AccessLog accessLog() {
        return accessLog;
    }

    public void setAccessLog(AccessLog accessLog) {
        this.accessLog = accessLog;
    }

    /** Where requests get their spans, or null if nothing is traced. */
    public Tracing tracing() {
        return tracing;
    }

    public void setTracing(Tracing tracing) {
        this.tracing = tracing;
    }

    /**
     * Whether the model answered once, or there is to be none, the pod knows what to route, and nobody asked the process
     * to end.
     */
    public boolean isReady() {
        return (loaded != null || alone) && routing.isReady() && !draining;
    }

    /** Why it isn't ready. */
    public String whyNotReady() {
        if (draining) {
            return "draining";
        }
        return loaded != null && !routing.isReady() ? "the traffic table is not loaded" : whyNotLoaded();
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
