package dev.tatara.runtime.observation;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ClassNames;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.serving.Observer;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.Traffic;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** All that is observed of one model's traffic. Begins with the model and ends, flushed, when the process drains. */
public final class Observation {
    private static final Logger LOG = Logger.getLogger(Observation.class);
    private static final String STORE_SECRET = "the artifact store's Secret";
    private static final int ATTEMPTS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final Duration TRANSFER = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Identity identity;
    private final RuntimeSettings settings;
    private final ObservationMeters meters;
    private final Uploads uploads;
    private final Sketcher sketcher;
    private final PayloadLog payloadLog;
    private final Ledger ledger;
    private final Feedback feedback;
    private final Thread writer;
    private volatile boolean stopping;
    private final AtomicBoolean complained = new AtomicBoolean();

    private Observation(
            RuntimeSettings settings,
            ServedModel model,
            MeterRegistry registry,
            Supplier<Traffic> traffic,
            IntSupplier windowSeconds,
            Clock clock) {
        this.settings = settings;
        identity = Identity.of(settings, model.name(), model.version());
        meters = new ObservationMeters(registry);
        uploads = openUploads(clock);
        TensorPlans plans = new TensorPlans(model, settings.monitoring());
        Secrecy secrecy = Secrecy.of(settings);
        sketcher = settings.monitoring().enabled()
                ? new Sketcher(
                        model,
                        plans,
                        settings.monitoring(),
                        identity,
                        secrecy,
                        clock,
                        traffic,
                        windowSeconds,
                        this::closed)
                : null;
        boolean logged = uploads != null && settings.logging().samplePercent() > 0;
        payloadLog = logged
                ? new PayloadLog(
                        settings.logging(),
                        new PayloadWriter(identity, plans, secrecy),
                        identity,
                        uploads,
                        meters,
                        clock)
                : null;
        ledger = uploads != null && settings.ledger().enabled()
                ? new Ledger(
                        settings.ledger(),
                        new PredictionTexts(
                                model.roles(), new ClassNames(model.facts().classes())),
                        new KeyTexts(secrecy),
                        identity,
                        uploads,
                        meters,
                        clock)
                : null;
        feedback = new Feedback(settings.feedback(), identity, uploads, clock);
        writer = Thread.ofPlatform().name("observation-writer").daemon().unstarted(this::write);
    }

    /**
     * Begins to observe the traffic of a model.
     *
     * @param traffic what was asked of it since the process began, now and at any later time
     * @param windowSeconds length of the spans of time in which predictions are sketched for a router; 0 for none
     */
    public static Observation start(
            RuntimeSettings settings,
            ServedModel model,
            MeterRegistry registry,
            Supplier<Traffic> traffic,
            IntSupplier windowSeconds) {
        Observation observation = new Observation(settings, model, registry, traffic, windowSeconds, Clock.systemUTC());
        if (observation.sketcher != null) {
            observation.meters.watch(observation.sketcher);
            observation.sketcher.start();
        }
        if (observation.uploads != null) {
            observation.uploads.start();
            observation.writer.start();
        }
        return observation;
    }

    /**
     * What was predicted, by the spans of time in which a router counts.
     *
     * @param since of spans that begin at this instant or later, in milliseconds since 1970
     */
    public SortedMap<Instant, List<Column>> predictions(long since) {
        return sketcher == null ? Collections.emptySortedMap() : sketcher.predictions(since);
    }

    private Uploads openUploads(Clock clock) {
        String uri = settings.store().uri().filter(text -> !text.isBlank()).orElse(null);
        if (uri == null) {
            LOG.info("no tatara.runtime.store.uri: what is observed stays in memory");
            return null;
        }
        ArtifactUri base;
        try {
            base = ArtifactUri.parse(uri);
        } catch (ArtifactException e) {
            LOG.warnf("tatara.runtime.store.uri: %s; what is observed stays in memory", e.getMessage());
            return null;
        }
        Uploads opened = new Uploads(ArtifactStore.open(access()), base, meters);
        RuntimeSettings.Logging logging = settings.logging();
        logging.retention()
                .ifPresent(retention -> opened.setChore(new PayloadRetention(
                        retention,
                        logging.fileInterval(),
                        logging.retentionInterval(),
                        identity,
                        meters.deletions(Kind.PAYLOAD_LOG),
                        clock)));
        opened.setBound(Kind.PANE, settings.monitoring().maxBufferedBytes());
        opened.setBound(Kind.PAYLOAD_LOG, settings.logging().maxBufferedBytes());
        opened.setBound(Kind.LEDGER, settings.ledger().maxBufferedBytes());
        meters.watch(opened);
        return opened;
    }

    private StoreSettings access() {
        StoreSettings access = StoreSettings.defaults()
                .withRetries(ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE)
                .withTimeouts(CONNECT, SILENCE, TRANSFER);
        if (settings.store().endpoint().isPresent()) {
            access = access.withEndpoint(settings.store().endpoint().get());
        }
        if (settings.store().credentialsDir().filter(Files::isDirectory).isPresent()) {
            access = access.withCredentials(settings.store().credentialsDir().get(), STORE_SECRET);
        }
        return access;
    }

    private void write() {
        try {
            while (!stopping) {
                try {
                    if (payloadLog != null) {
                        payloadLog.work();
                    }
                    if (ledger != null) {
                        ledger.work();
                    }
                    feedback.work();
                } catch (RuntimeException e) {
                    LOG.error("what was observed could not be written", e);
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closed(Pane pane) {
        meters.distribution(pane);
        if (uploads != null) {
            // Empty ones too: no traffic is something else than a pod that can't write.
            uploads.offer(
                    Kind.PANE,
                    identity.paneKey(sketcher.nominalStart(pane), pane.origin().sequence()),
                    PaneFormat.write(pane),
                    1);
        }
    }

    /** An observer for one event loop. */
    public Observer newObserver() {
        return new LaneObserver(sketcher == null ? null : sketcher.newSampler());
    }

    private final class LaneObserver implements Observer {
        private final RowSampler sampler;

        LaneObserver(RowSampler sampler) {
            this.sampler = sampler;
        }

        @Override
        public boolean identifies() {
            return payloadLog != null || ledger != null || settings.accessLog().samplePercent() > 0;
        }

        @Override
        public void answered(Protocol protocol, InferenceRequest request, InferenceAnswer answer) {
            try {
                if (sampler != null) {
                    sampler.answered(request, answer);
                }
                if (payloadLog != null) {
                    payloadLog.answered(protocol, request, answer);
                }
                if (ledger != null) {
                    ledger.answered(request, answer);
                }
            } catch (RuntimeException e) {
                // The answer matters more than what is learnt from it.
                if (!complained.getAndSet(true)) {
                    LOG.error("an answer could not be observed; said once", e);
                }
            }
        }
    }

    /** Where {@code POST /feedback} goes. */
    public Feedback feedback() {
        return feedback;
    }

    /** The open pane and the one before as JSON, for {@code GET /admin/stats}. Takes milliseconds. */
    public byte[] stats() {
        JsonBytes out = new JsonBytes();
        out.raw("{\"namespace\":").string(identity.namespace());
        out.raw(",\"service\":").string(identity.service());
        out.raw(",\"revision\":").string(identity.revision());
        out.raw(",\"model\":").string(identity.model());
        out.raw(",\"model_version\":").string(identity.version());
        out.raw(",\"pod\":").string(identity.pod());
        out.raw(",\"boot_id\":").string(identity.bootId());
        out.raw(",\"open\":");
        if (sketcher == null) {
            out.raw("null,\"last\":null}");
            return out.toByteArray();
        }
        sketcher.withOpenPane(pane -> StatsJson.pane(pane, out));
        out.raw(",\"last\":");
        Pane last = sketcher.last();
        if (last == null) {
            out.raw("null");
        } else {
            sketcher.withOpenPane(open -> StatsJson.pane(last, out));
        }
        return out.raw('}').toByteArray();
    }

    /**
     * Closes what is open and writes it, for {@code store.flush-timeout} at most. Called once, when the last request is
     * answered; what clients send in spite of that while it works is written too.
     */
    public void flush() throws InterruptedException {
        if (sketcher != null) {
            sketcher.stop();
        }
        if (uploads == null) {
            return;
        }
        stopping = true;
        writer.interrupt();
        writer.join();
        Instant until = Instant.now().plus(settings.store().flushTimeout());
        boolean stored;
        do {
            if (sketcher != null) {
                sketcher.closeRest();
            }
            if (payloadLog != null) {
                payloadLog.flush();
            }
            if (ledger != null) {
                ledger.flush();
            }
            feedback.flush();
            stored = uploads.isEmpty() || uploads.flush(Duration.between(Instant.now(), until));
        } while (stored && isMoreWaiting());
        if (!stored) {
            sayWhatIsLost();
        }
        uploads.close();
    }

    private boolean isMoreWaiting() {
        return (ledger != null && ledger.hasRest())
                || (payloadLog != null && payloadLog.waitingBytes() > 0)
                || (sketcher != null && sketcher.hasRest());
    }

    private void sayWhatIsLost() {
        for (Kind kind : Kind.values()) {
            if (uploads.waiting(kind) > 0) {
                LOG.warnf(
                        "%d bytes (%s) are lost: the store did not take them within %s",
                        uploads.waiting(kind), kind.label(), settings.store().flushTimeout());
            }
        }
    }
}
