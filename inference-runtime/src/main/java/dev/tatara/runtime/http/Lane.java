package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.EventLoopEngine;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.Serving.Loaded;
import dev.tatara.runtime.metrics.ServingMetrics;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.plain.FeatureReader;
import dev.tatara.runtime.plain.PredictionWriter;
import dev.tatara.runtime.v2.V2RequestReader;
import dev.tatara.runtime.v2.V2Writer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What one event loop needs to answer for a model; nothing in it is shared with another thread. */
final class Lane {
    private static final int KEPT_REQUESTS = 64;

    private final Thread thread = Thread.currentThread();
    private final Loaded loaded;
    private final EventLoopEngine engine;
    private final V2RequestReader v2Reader;
    private final V2Writer v2Writer;
    private final FeatureReader featureReader;
    private final PredictionWriter predictionWriter;
    private final JsonBytes out = new JsonBytes();
    private final Deque<InferenceRequest> spare = new ArrayDeque<>();

    Lane(Loaded loaded, Duration eventLoopBudget) {
        this.loaded = loaded;
        ServedModel model = loaded.model();
        Json json = new Json();
        engine = new EventLoopEngine(model, eventLoopBudget, loaded.workers());
        v2Reader = new V2RequestReader(json);
        v2Writer = new V2Writer(model);
        featureReader = new FeatureReader(json, model);
        predictionWriter = new PredictionWriter(model);
    }

    Loaded loaded() {
        return loaded;
    }

    ServedModel model() {
        return loaded.model();
    }

    ServingMetrics metrics() {
        return loaded.metrics();
    }

    InferenceEngine engine() {
        return engine;
    }

    V2RequestReader v2Reader() {
        return v2Reader;
    }

    V2Writer v2Writer() {
        return v2Writer;
    }

    FeatureReader featureReader() {
        return featureReader;
    }

    PredictionWriter predictionWriter() {
        return predictionWriter;
    }

    /** Memory to write an answer to: this lane's own on its thread, new elsewhere. */
    JsonBytes output() {
        if (Thread.currentThread() != thread) {
            return new JsonBytes();
        }
        out.reset();
        return out;
    }

    boolean isOnThread() {
        return Thread.currentThread() == thread;
    }

    InferenceRequest borrow() {
        InferenceRequest request = spare.pollFirst();
        return request == null ? new InferenceRequest(loaded.model()) : request;
    }

    void giveBack(InferenceRequest request) {
        if (spare.size() < KEPT_REQUESTS) {
            request.reset();
            spare.addFirst(request);
        } else {
            request.free();
        }
    }

    void close() {
        engine.close();
        spare.forEach(InferenceRequest::free);
        spare.clear();
    }
}
