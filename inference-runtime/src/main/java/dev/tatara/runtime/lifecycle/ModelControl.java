package dev.tatara.runtime.lifecycle;

import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.features.ModelLookup;
import dev.tatara.runtime.inference.BatchSettings;
import dev.tatara.runtime.inference.BatchingEngine;
import dev.tatara.runtime.inference.EngineState;
import dev.tatara.runtime.metrics.ProcessMetrics;
import dev.tatara.runtime.metrics.RequestTotals;
import dev.tatara.runtime.metrics.RunMeters;
import dev.tatara.runtime.metrics.ServingMetrics;
import dev.tatara.runtime.model.ModelLoader;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.jboss.logging.Logger;

/** Puts the model into service, again or no more, without failing a request that is on its way. */
public final class ModelControl {
    private static final Logger LOG = Logger.getLogger(ModelControl.class);

    private final Serving serving;
    private final RuntimeSettings settings;
    private final ProcessMetrics metrics;
    private final AnswerCaches caches;
    private volatile OnnxRuntime runtime;
    private List<ValueInfo> observedInputs = List.of();
    private List<ValueInfo> observedOutputs = List.of();

    ModelControl(Serving serving, RuntimeSettings settings, ProcessMetrics metrics) {
        this.serving = serving;
        this.settings = settings;
        this.metrics = metrics;
        caches = new AnswerCaches(settings, metrics);
    }

    /** Puts the first model into service. */
    synchronized void begin(OnnxRuntime onnxRuntime, ServedModel model) throws ModelUnavailableException {
        runtime = onnxRuntime;
        serving.setLoaded(prepare(model));
    }

    /**
     * Reads the model again from where the settings say, and puts it in the place of the one that is served. Blocks.
     *
     * @throws ModelUnavailableException if that fails: the one that is served goes on
     */
    public synchronized void load() throws ModelUnavailableException {
        if (runtime == null || settings.model().uri().isEmpty()) {
            throw new ModelUnavailableException("the model is still loading");
        }
        ServedModel model =
                new ModelLoader(runtime, settings).load(settings.model().uri().get());
        try {
            replace(prepare(model));
        } catch (ModelUnavailableException e) {
            model.close();
            throw e;
        }
    }

    /** Takes the model out of service: the process goes on, unready. */
    public synchronized void unload() {
        replace(null);
    }

    private Serving.Loaded prepare(ServedModel model) throws ModelUnavailableException {
        ModelLookup lookup =
                serving.features() == null ? null : serving.features().planFor(model);
        int workers = settings.inference()
                .workers()
                .orElse(java.lang.Runtime.getRuntime().availableProcessors());
        BatchingEngine engine = new BatchingEngine(
                new EngineState(model, BatchSettings.of(settings), new RunMeters(metrics, model)), workers);
        metrics.served(model, settings.revision().orElse(""));
        Observation observation = observation(model);
        return new Serving.Loaded(
                model,
                engine,
                new ServingMetrics(metrics, model),
                observation::newObserver,
                caches.before(model),
                lookup);
    }

    /** A model that is only loaded again goes on being observed; another one begins anew. */
    private Observation observation(ServedModel model) {
        Observation current = serving.observation();
        if (current == null
                || !model.inputs().equals(observedInputs)
                || !model.outputs().equals(observedOutputs)) {
            if (current != null) {
                Thread.ofVirtual().name("observation-flush").start(new FutureTask<>(flushing(current)));
            }
            current = Observation.start(
                    settings,
                    model,
                    metrics.registry(),
                    new RequestTotals(metrics, model),
                    serving.routing()::countedSeconds);
            serving.setObservation(current);
            observedInputs = model.inputs();
            observedOutputs = model.outputs();
        }
        return current;
    }

    private static Callable<Void> flushing(Observation before) {
        return () -> {
            before.flush();
            return null;
        };
    }

    private void replace(Serving.Loaded next) {
        Serving.Loaded old = serving.loaded();
        CompletableFuture<Void> unused = serving.replace(next);
        if (old == null) {
            return;
        }
        Thread.ofVirtual().name("model-release").start(() -> {
            unused.join();
            old.workers().close();
            old.model().close();
            LOG.infof(
                    "let go of model %s version %s: sha256 %s",
                    old.model().name(), old.model().version(), old.model().sha256());
        });
    }
}
