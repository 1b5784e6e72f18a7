package dev.tatara.runtime.model;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Digested;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.onnx.ModelFormatException;
import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.RandomOperators;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jboss.logging.Logger;

/** Brings a model from the artifact store into memory, checks its digest, and makes it answer. */
public final class ModelLoader {
    private static final Logger LOG = Logger.getLogger(ModelLoader.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(2);
    private static final String STORE_SECRET = "the artifact store's Secret";

    private final OnnxRuntime runtime;
    private final RuntimeSettings settings;

    public ModelLoader(OnnxRuntime runtime, RuntimeSettings settings) {
        this.runtime = runtime;
        this.settings = settings;
    }

    /** Blocks until the model has answered once; transient failures of the store are retried a few times. */
    public ServedModel load(String uri) throws ModelUnavailableException {
        return load(uri, access());
    }

    /** As {@link #load(String)}, with other access to the store than the settings say. */
    public ServedModel load(String uri, StoreSettings access) throws ModelUnavailableException {
        ArtifactUri address;
        try {
            address = ArtifactUri.parse(uri);
        } catch (ArtifactException | IllegalArgumentException e) {
            throw new ModelUnavailableException("tatara.runtime.model.uri: " + e.getMessage(), e);
        }
        if (address instanceof ArtifactUri.LocalFile local) {
            // In place: data that the model keeps in files beside it stays beside it.
            return loadLocal(local.path(), address.toString());
        }
        Path file = null;
        try {
            file = Files.createTempFile(settings.model().directory(), "model-", ".onnx");
            Digested fetched = fetch(address, file, access);
            return serve(file, fetched.sha256(), address.toString());
        } catch (ArtifactException e) {
            throw new ModelUnavailableException("cannot fetch the model " + address + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelUnavailableException(
                    "cannot keep the model in " + settings.model().directory() + ": " + e.getMessage(), e);
        } finally {
            delete(file);
        }
    }

    private ServedModel loadLocal(Path file, String uri) throws ModelUnavailableException {
        try {
            return serve(file, Sha256.of(file).sha256(), uri);
        } catch (IOException e) {
            throw new ModelUnavailableException(
                    "cannot read the model " + uri + ": "
                            + (Files.exists(file) ? e.getMessage() : "there is no such file"),
                    e);
        }
    }

    private StoreSettings access() {
        StoreSettings access =
                StoreSettings.defaults().withRetries(settings.store().attempts(), FIRST_PAUSE, LONGEST_PAUSE);
        if (settings.store().endpoint().isPresent()) {
            access = access.withEndpoint(settings.store().endpoint().get());
        }
        if (settings.store().credentialsDir().filter(Files::isDirectory).isPresent()) {
            access = access.withCredentials(settings.store().credentialsDir().get(), STORE_SECRET);
        }
        return access;
    }

    private Digested fetch(ArtifactUri address, Path file, StoreSettings access) throws IOException {
        try (ArtifactStore store = ArtifactStore.open(access)) {
            return store.download(address, file, settings.model().maxBytes());
        }
    }

    private ServedModel serve(Path file, String sha256, String uri) throws ModelUnavailableException {
        if (settings.model()
                .sha256()
                .filter(expected -> !expected.equals(sha256))
                .isPresent()) {
            throw new ModelUnavailableException("the model " + uri + " has sha256 " + sha256 + ", expected "
                    + settings.model().sha256().get()
                    + " (tatara.runtime.model.sha256): it is not the file that was verified");
        }
        int threads = settings.inference()
                .intraOpThreads()
                .orElse(Runtime.getRuntime().availableProcessors());
        OnnxModel onnx;
        try {
            onnx = runtime.load(file, new SessionSettings(threads, false, true));
        } catch (OnnxException e) {
            throw new ModelUnavailableException(
                    "ONNX Runtime " + runtime.version() + " cannot load the model " + uri + ": " + oneLine(e), e);
        }
        try {
            Duration oneRow = warmUp(onnx);
            Batchability batchability = batchability(onnx, oneRow);
            ServedModel model = new ServedModel(
                    settings.model().name().orElseGet(() -> nameOf(uri)),
                    settings.model().version(),
                    sha256,
                    onnx,
                    batchability,
                    facts(),
                    settings.cache().maxBytes() > 0 ? whyNotRepeatable(file) : null);
            LOG.infof(
                    "model %s version %s loaded: sha256 %s, one row takes %d µs; %s",
                    model.name(), model.version(), sha256, oneRow.toNanos() / 1000, together(batchability));
            return model;
        } catch (OnnxException e) {
            onnx.close();
            throw new ModelUnavailableException("the model " + uri + " does not answer zeros: " + oneLine(e), e);
        }
    }

    private static String whyNotRepeatable(Path file) {
        try {
            Set<String> random = RandomOperators.in(file);
            return random.isEmpty() ? null : "the model draws random numbers (" + String.join(", ", random) + ")";
        } catch (IOException | ModelFormatException e) {
            return "whether the model draws random numbers can't be read: " + e.getMessage();
        }
    }

    private String together(Batchability batchability) {
        if (!batchability.possible()) {
            return "requests are run one by one: " + batchability.reason();
        }
        int rows =
                Math.min(settings.batching().maxBatchSize(), batchability.cost().usefulRows());
        return rows > 1
                ? "requests are batched, up to " + rows + " rows"
                : "requests are run one by one: rows take no less time together";
    }

    private Batchability batchability(OnnxModel onnx, Duration oneRow) {
        return settings.batching().maxBatchSize() > 1
                ? BatchProbe.look(onnx, oneRow)
                : Batchability.impossible("tatara.runtime.batching.max-batch-size is 1", oneRow);
    }

    private ModelFacts facts() {
        RuntimeSettings.Model said = settings.model();
        return new ModelFacts(
                said.features().orElse(List.of()),
                said.classes().orElse(List.of()),
                said.task(),
                said.trainedAt(),
                said.metrics());
    }

    /** The median run of one row, which the first runs (that allocate and decide) don't move. */
    private Duration warmUp(OnnxModel onnx) {
        try (OnnxCall call = onnx.newCall()) {
            call.zeros(1);
            long begun = System.nanoTime();
            long[] took = new long[settings.inference().warmupRuns()];
            int runs = 0;
            while (runs < took.length && (runs == 0 || System.nanoTime() - begun < LONGEST_WARM_UP.toNanos())) {
                long started = System.nanoTime();
                call.run();
                took[runs++] = System.nanoTime() - started;
            }
            Arrays.sort(took, 0, runs);
            return Duration.ofNanos(took[runs / 2]);
        }
    }

    private static String nameOf(String uri) {
        String last = uri.substring(uri.lastIndexOf('/') + 1);
        return last.toLowerCase(Locale.ROOT).endsWith(".onnx") ? last.substring(0, last.length() - 5) : last;
    }

    private static String oneLine(OnnxException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ").strip();
    }

    private static void delete(Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warnf("the model's file %s stays behind: %s", file, e.getMessage());
            }
        }
    }
}
