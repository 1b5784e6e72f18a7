package dev.tatara.runtime.lifecycle;

import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.runtime.admin.AdminVerticle;
import dev.tatara.runtime.features.FeatureStores;
import dev.tatara.runtime.http.ConnectionGuard;
import dev.tatara.runtime.http.ServingVerticle;
import dev.tatara.runtime.lifecycle.StopSignal.Reason;
import dev.tatara.runtime.metrics.ProcessMetrics;
import dev.tatara.runtime.model.ModelLoader;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.AccessLog;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.routing.TableFile;
import dev.tatara.runtime.settings.BodyBounds;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.settings.UnknownSettings;
import dev.tatara.runtime.tracing.Tracing;
import dev.tatara.runtime.training.SelfTraining;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import jakarta.enterprise.context.Dependent;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** The life of a serving process: open the ports, load the model, serve, drain, end. */
@Dependent
public final class ServingProcess {
    private static final Logger LOG = Logger.getLogger(ServingProcess.class);
    private static final Duration LISTEN_TIMEOUT = Duration.ofSeconds(30);
    /** How long clients have to read that the server goes, and to close their connections. */
    private static final Duration PARTING = Duration.ofMillis(500);

    private static final Duration POLL = Duration.ofMillis(10);

    private final Vertx vertx;
    private final RuntimeSettings settings;
    private final String version;
    private final Serving serving;
    private final Connections connections = new Connections();
    private final StopSignal stop = new StopSignal();
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final ModelControl control;
    private final AtomicInteger port = new AtomicInteger();
    private final AtomicInteger adminPort = new AtomicInteger();
    private final AtomicInteger peerPort = new AtomicInteger();
    private final Instant started = Instant.now();

    ServingProcess(
            Vertx vertx,
            RuntimeSettings settings,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.vertx = vertx;
        this.settings = settings;
        this.version = version;
        serving = new Serving(settings.limits(), Routing.of(settings, metrics.registry()));
        control = new ModelControl(serving, settings, metrics);
    }

    /**
     * Serves until told to end.
     *
     * @param onnxRuntime the native library, which may still be loading
     * @return the exit code
     */
    public int run(CompletableFuture<OnnxRuntime> onnxRuntime) throws InterruptedException {
        stop.install();
        AccessLog accessLog = new AccessLog(settings.accessLog(), System.out);
        metrics.watch(accessLog);
        serving.setAccessLog(accessLog);
        try {
            FeatureStores.of(settings.features(), metrics).ifPresent(serving::setFeatures);
        } catch (IllegalArgumentException e) {
            LastWords.say(e.getMessage());
            return 1;
        }
        settings.traffic().table().ifPresent(file -> new TableFile(file, serving.routing()).watch());
        Thread loader = Thread.ofPlatform().name("model-loader").daemon().start(() -> load(onnxRuntime));
        try {
            listen();
        } catch (ExecutionException | TimeoutException e) {
            stop.stop(new Reason.Failed(
                    "cannot listen on ports " + settings.http().port() + " and "
                            + settings.admin().port() + ": " + (e.getCause() == null ? e : e.getCause()).getMessage()));
        }
        Reason reason = stop.await();
        switch (reason) {
            case Reason.Terminate terminate -> drain(settings.drain().delay());
            case Reason.Interrupt interrupt -> drain(Duration.ZERO);
            case Reason.Done done -> drain(Duration.ZERO);
            case Reason.Failed failed -> {
                loader.interrupt();
                LastWords.say(failed.message());
                return 1;
            }
        }
        return 0;
    }

    private void listen() throws InterruptedException, ExecutionException, TimeoutException {
        int loops = settings.http()
                .eventLoops()
                .orElse(java.lang.Runtime.getRuntime().availableProcessors());
        Future<String> admin =
                vertx.deployVerticle(new AdminVerticle(serving, control, settings, metrics::scrape, adminPort::set));
        Future<String> serve = vertx.deployVerticle(
                () -> new ServingVerticle(
                        serving, settings, connections, metrics::scrape, version, port::set, peerPort::set),
                new DeploymentOptions().setInstances(loops));
        Future.all(admin, serve)
                .toCompletionStage()
                .toCompletableFuture()
                .get(LISTEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        LOG.infof("listening on port %d, admin on port %d", port.get(), adminPort.get());
        if (serving.routing().isRouted()) {
            LOG.infof("listening for other pods on port %d", peerPort.get());
        }
    }

    private void load(CompletableFuture<OnnxRuntime> onnxRuntime) {
        try {
            if (settings.model().uri().isEmpty() && serving.features() != null) {
                serving.beginAlone();
                begun();
                return;
            }
            OnnxRuntime runtime = onnxRuntime.join();
            ServedModel model = settings.model().uri().isPresent()
                    ? new ModelLoader(runtime, settings)
                            .load(settings.model().uri().get())
                    : SelfTraining.load(new ModelLoader(runtime, settings));
            control.begin(runtime, model);
            if (settings.tracing().endpoint().isPresent()) {
                serving.setTracing(Tracing.start(settings, model.name(), model.version(), metrics.registry()));
            }
            begun();
            if (settings.exitAfterWarmup()) {
                SelfTraining.run(serving, settings, port, adminPort);
                stop.stop(new Reason.Done());
            }
        } catch (ModelUnavailableException e) {
            LOG.debug("the model cannot be served", e);
            stop.stop(new Reason.Failed(e.getMessage()));
        } catch (CompletionException e) {
            LOG.debug("ONNX Runtime cannot be loaded", e);
            stop.stop(new Reason.Failed(e.getCause().getMessage()));
        } catch (Exception e) {
            LOG.error("the model could not be loaded", e);
            stop.stop(new Reason.Failed("the model could not be loaded: " + e));
        }
    }

    private void begun() {
        LOG.infof("ready after %d ms", Duration.between(started, Instant.now()).toMillis());
        metrics.bind(ConnectionGuard::open);
        metrics.bind(serving);
        UnknownSettings.warn();
        BodyBounds.warn(settings);
    }

    private void drain(Duration delay) throws InterruptedException {
        LOG.infof("draining: unready now, serving for %d ms more", delay.toMillis());
        serving.startDraining();
        connections.goAway();
        Thread.sleep(delay);
        // Those that came meanwhile.
        Set<HttpConnection> asked = connections.goAway();
        Instant until = Instant.now().plus(settings.drain().timeout());
        Instant parting = Instant.now().plus(PARTING);
        while (Instant.now().isBefore(until)
                && (serving.active().get() > 0 || (Instant.now().isBefore(parting) && connections.anyOpen(asked)))) {
            Thread.sleep(POLL);
        }
        int left = serving.active().get();
        if (left > 0) {
            LOG.warnf(
                    "%d requests are unfinished after %s",
                    left, settings.drain().timeout());
        }
        Observation observation = serving.observation();
        if (observation != null) {
            observation.flush();
        }
        Tracing tracing = serving.tracing();
        if (tracing != null) {
            tracing.close();
        }
        serving.accessLog().close();
        LOG.info("drained");
    }
}
