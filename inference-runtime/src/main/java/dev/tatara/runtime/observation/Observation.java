package dev.tatara.runtime.observation;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.serving.Observer;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final long MOST_PANE_BYTES = 16 << 20;

    private final Identity identity;
    private final RuntimeSettings settings;
    private final ObservationMeters meters;
    private final Uploads uploads;
    private final Sketcher sketcher;
    private final AtomicBoolean complained = new AtomicBoolean();

    private Observation(RuntimeSettings settings, ServedModel model, MeterRegistry registry, Clock clock) {
        this.settings = settings;
        identity = Identity.of(settings, model.name(), model.version());
        meters = new ObservationMeters(registry);
        uploads = openUploads();
        Secrecy secrecy = Secrecy.of(settings);
        sketcher = settings.monitoring().enabled()
                ? new Sketcher(model, settings.monitoring(), identity, secrecy, clock, this::closed)
                : null;
    }

    /** Begins to observe the traffic of a model. */
    public static Observation start(RuntimeSettings settings, ServedModel model, MeterRegistry registry) {
        Observation observation = new Observation(settings, model, registry, Clock.systemUTC());
        if (observation.sketcher != null) {
            observation.meters.watch(observation.sketcher);
            observation.sketcher.start();
        }
        if (observation.uploads != null) {
            observation.uploads.start();
        }
        return observation;
    }

    private Uploads openUploads() {
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
        opened.setBound(Kind.PANE, MOST_PANE_BYTES);
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
        public void answered(Protocol protocol, InferenceRequest request, InferenceAnswer answer) {
            try {
                if (sampler != null) {
                    sampler.answered(request, answer);
                }
            } catch (RuntimeException e) {
                // The answer matters more than what is learnt from it.
                if (!complained.getAndSet(true)) {
                    LOG.error("an answer could not be observed; said once", e);
                }
            }
        }
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
     * answered.
     */
    public void flush() throws InterruptedException {
        if (sketcher != null) {
            sketcher.stop();
        }
        if (uploads == null) {
            return;
        }
        if (!uploads.flush(settings.store().flushTimeout())) {
            for (Kind kind : Kind.values()) {
                if (uploads.waiting(kind) > 0) {
                    LOG.warnf(
                            "%d bytes (%s) are lost: the store did not take them within %s",
                            uploads.waiting(kind),
                            kind.label(),
                            settings.store().flushTimeout());
                }
            }
        }
        uploads.close();
    }
}
