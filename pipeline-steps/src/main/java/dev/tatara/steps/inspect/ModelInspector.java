package dev.tatara.steps.inspect;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Digested;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.artifacts.TransferListener;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResult;
import dev.tatara.onnx.ModelFormatException;
import dev.tatara.onnx.ModelHeader;
import dev.tatara.steps.Progress;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.ByteSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out whether a file is a model that can be served, and puts its bytes where pods load models from. Every check
 * comes before the bytes are published: what lies under {@code models/sha256/} was loaded once.
 */
final class ModelInspector implements Step<ModelInspection> {
    static final String NAME = "inspect-model";
    static final String LATENCY_P99_MILLIS = "latencyP99Millis";

    private final String source;
    private final StoreSettings sourceSettings;
    private final MlflowSource mlflow;
    private final String expectedSha256;
    private final long maxBytes;
    private final Duration probeTimeout;

    /**
     * An inspection of one source.
     *
     * @param mlflow finds the file of a source {@code mlflow://model/version}
     * @param expectedSha256 64 lower-case hexadecimal digits; {@code null}: any digest is fine
     */
    ModelInspector(
            String source,
            StoreSettings sourceSettings,
            MlflowSource mlflow,
            String expectedSha256,
            long maxBytes,
            Duration probeTimeout) {
        this.source = source;
        this.sourceSettings = sourceSettings;
        this.mlflow = mlflow;
        this.expectedSha256 = expectedSha256;
        this.maxBytes = maxBytes;
        this.probeTimeout = probeTimeout;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<ModelInspection> detailsType() {
        return ModelInspection.class;
    }

    @Override
    public StepResult<ModelInspection> run(StepContext context) throws StepFailure, IOException {
        var progress = context.progress();
        var file = context.workspace().resolve("model.onnx");
        var digested = fetch(file, progress);
        var form = FileForm.of(file);
        checkDigest(digested, form);
        if (form.isPresent()) {
            throw StepFailure.rejected(
                    Reasons.NOT_ONNX, "expected an ONNX model at %s, found %s".formatted(shown(), form.get()));
        }
        var header = readHeader(file);
        progress.say(
                "an ONNX model of IR version %d, operator set %s%s",
                header.irVersion(),
                header.defaultOpset().map(String::valueOf).orElse("none of the default domain"),
                header.producer().isEmpty() ? "" : ", written by " + header.producer());
        var probed = new ModelProbe(file, header, probeTimeout, context).run();
        var uri = publish(file, digested, context);
        var inspection = new ModelInspection(
                digested.digest(),
                digested.sizeBytes(),
                uri.external(),
                header.defaultOpset().map(Math::toIntExact).orElse(null),
                probed.signature(),
                false,
                probed.latencyP99Millis()
                        .map(millis -> Map.of(LATENCY_P99_MILLIS, millis))
                        .orElse(Map.of()));
        return StepResult.succeeded(NAME, message(digested, probed), inspection);
    }

    private Digested fetch(Path file, Progress progress) throws StepFailure {
        try (var store = ArtifactStore.open(sourceSettings)) {
            var uri = MlflowAddress.isOne(source) ? mlflow.locate(source, progress) : ArtifactUri.parse(source);
            progress.say("fetching %s", uri);
            var digested = store.download(uri, file, maxBytes, new PercentLines(progress));
            progress.say("fetched %s, sha256 %s", ByteSize.show(digested.sizeBytes()), digested.sha256());
            return digested;
        } catch (ArtifactException e) {
            if (e.kind() == Kind.TooLarge) {
                throw StepFailure.rejected(
                        Reasons.MODEL_TOO_LARGE, e.getMessage() + "; allow more with --max-size, or shrink the model");
            }
            throw StepFailure.ofSource(e);
        }
    }

    private void checkDigest(Digested digested, Optional<FileForm> form) throws StepFailure {
        if (expectedSha256 != null && !expectedSha256.equals(digested.sha256())) {
            throw StepFailure.rejected(
                    Reasons.DIGEST_MISMATCH,
                    "expected sha256 %s, found %s (%d bytes%s) at %s: the file was changed or damaged on its way; restore it, or register the new bytes as a new version"
                            .formatted(
                                    expectedSha256,
                                    digested.sha256(),
                                    digested.sizeBytes(),
                                    form.map(other -> ", " + other).orElse(""),
                                    shown()));
        }
    }

    private ModelHeader readHeader(Path file) throws StepFailure, IOException {
        try {
            return ModelHeader.read(file);
        } catch (ModelFormatException e) {
            throw switch (e.kind()) {
                case NOT_ONNX ->
                    StepFailure.rejected(
                            Reasons.NOT_ONNX,
                            "expected an ONNX model at %s, found something else (%s); export the model to ONNX"
                                    .formatted(shown(), e.getMessage()));
                case TRUNCATED, CORRUPT ->
                    StepFailure.rejected(
                            Reasons.CORRUPT_MODEL,
                            "%s at %s; upload the file again and compare its sha256"
                                    .formatted(e.getMessage(), shown()));
            };
        }
    }

    private ArtifactUri publish(Path file, Digested digested, StepContext context) throws StepFailure {
        var store = context.store();
        var progress = context.progress();
        var uri = context.storeUri().resolve("models/sha256/" + digested.sha256());
        try {
            if (store.putIfAbsent(uri, file)) {
                progress.say("published as %s", uri);
                return uri;
            }
            if (store.digest(uri, Long.MAX_VALUE).equals(digested)) {
                progress.say("already published as %s", uri);
                return uri;
            }
            progress.say("what lies at %s has another digest: replaced", uri);
            store.put(uri, file);
            return uri;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    private static String message(Digested digested, ModelProbe.Probed probed) {
        var signature = counted(probed.signature().inputs().size(), "input") + ", "
                + counted(probed.signature().outputs().size(), "output");
        return "verified: %s, %s, %s"
                .formatted(
                        ByteSize.show(digested.sizeBytes()),
                        signature,
                        probed.latencyP99Millis()
                                .map(millis -> String.format(Locale.ROOT, "p99 %.3f ms for one row of zeros", millis))
                                .orElse("not run on zeros: " + probed.whyNotRun()));
    }

    private static String counted(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    @Override
    public boolean stillHolds(StepResult<ModelInspection> earlier, StepContext context) throws StepFailure {
        try {
            return context.store().exists(ArtifactUri.parse(earlier.details().uri()));
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public Optional<ModelInspection> shorter(ModelInspection details) {
        return ShorterInspection.of(details);
    }

    /** The source, fit for a message. */
    private String shown() {
        if (MlflowAddress.isOne(source)) {
            return source;
        }
        try {
            return ArtifactUri.parse(source).toString();
        } catch (ArtifactException e) {
            return "the source";
        }
    }

    /** A line each time another tenth of a large file has arrived. */
    private static final class PercentLines implements TransferListener {
        private static final long LARGE = 50_000_000;
        private final Progress progress;
        private long said;

        PercentLines(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void arrived(long bytes, long total) {
            var tenth = total > 0 ? bytes * 10 / total : bytes / LARGE;
            if (tenth > said && (total < 0 || total >= LARGE)) {
                said = tenth;
                progress.say("%s%s", ByteSize.show(bytes), total < 0 ? "" : " of " + ByteSize.show(total));
            }
        }
    }
}
