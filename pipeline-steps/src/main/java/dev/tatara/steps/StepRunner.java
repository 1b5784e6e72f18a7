package dev.tatara.steps;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs a step as every step is run: an earlier result is returned, a new one goes to the store first and then to the
 * termination message, and the outcome becomes the exit code.
 */
public final class StepRunner<D> {
    public static final int EXIT_SUCCEEDED = 0;
    public static final int EXIT_REJECTED = 2;
    public static final int EXIT_FAILED = 3;

    private static final int MAX_RESULT_BYTES = 16 << 20;

    private final Step<D> step;
    private final StoreOptions storeOptions;
    private final ResultOptions resultOptions;
    private final Progress progress = new Progress(System.out);
    private final AtomicBoolean done = new AtomicBoolean();
    private volatile Path workspace;

    public StepRunner(Step<D> step, StoreOptions storeOptions, ResultOptions resultOptions) {
        this.step = step;
        this.storeOptions = storeOptions;
        this.resultOptions = resultOptions;
    }

    /** The exit code. */
    public int run() {
        var hook = Thread.ofPlatform().unstarted(this::stopped);
        Runtime.getRuntime().addShutdownHook(hook);
        StepResult<D> result;
        try (var store = ArtifactStore.open(storeOptions.settings())) {
            result = resultFrom(store);
        } catch (IllegalArgumentException e) {
            result = StepResult.failed(step.name(), "StoreUnavailable", "the store's endpoint is no address: " + e);
        }
        return end(result);
    }

    private StepResult<D> resultFrom(ArtifactStore store) {
        try {
            var root = parseStore();
            workspace = Files.createTempDirectory("tatara-" + step.name() + "-");
            var context = new StepContext(store, root, workspace, progress, this::leaveLastWords);
            var resultUri = resultUri(root);
            var earlier = resultUri.isPresent() ? find(resultUri.get(), context) : Optional.<StepResult<D>>empty();
            if (earlier.isPresent()) {
                progress.say("found the result of an earlier run at %s; --force does the work again", resultUri.get());
                return earlier.get();
            }
            return keep(attempt(context), resultUri, context);
        } catch (StepFailure e) {
            return e.asResult(step.name());
        } catch (IOException e) {
            return StepFailure.ofWorkspace(e).asResult(step.name());
        } finally {
            removeWorkspace();
        }
    }

    private ArtifactUri parseStore() throws StepFailure {
        try {
            return ArtifactUri.parse(storeOptions.uri());
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    private Optional<ArtifactUri> resultUri(ArtifactUri root) throws StepFailure {
        try {
            return resultOptions.key().map(root::resolve);
        } catch (IllegalArgumentException e) {
            throw StepFailure.failed("StoreUnavailable", "--result-key: " + e.getMessage(), e);
        }
    }

    /** A result that stands: good or refused. What failed is tried again. */
    private Optional<StepResult<D>> find(ArtifactUri uri, StepContext context) throws StepFailure {
        if (resultOptions.isForced()) {
            return Optional.empty();
        }
        try {
            if (!context.store().exists(uri)) {
                return Optional.empty();
            }
            var json = new String(context.store().read(uri, MAX_RESULT_BYTES), StandardCharsets.UTF_8);
            var earlier = StepResultCodec.fromJson(json, step.detailsType());
            var stands = step.name().equals(earlier.step())
                    && switch (earlier.outcome()) {
                        case Succeeded -> earlier.details() != null && step.stillHolds(earlier, context);
                        case Rejected -> true;
                        case Failed -> false;
                    };
            return Optional.of(earlier).filter(any -> stands);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        } catch (MalformedResultException e) {
            progress.say("what lies at %s is passed over: %s", uri, e.getMessage());
            return Optional.empty();
        }
    }

    private StepResult<D> attempt(StepContext context) throws IOException {
        try {
            return step.run(context);
        } catch (StepFailure e) {
            return e.asResult(step.name());
        } catch (RuntimeException | LinkageError e) {
            // A mistake of ours, or of what the image lacks: the trace is what helps to mend it, and there is nobody
            // above who would log it.
            e.printStackTrace(System.err);
            return StepResult.failed(
                    step.name(),
                    "InternalError",
                    "the step has a fault (%s); its log has the details, please report it".formatted(e));
        }
    }

    private StepResult<D> keep(StepResult<D> result, Optional<ArtifactUri> uri, StepContext context)
            throws StepFailure {
        if (uri.isEmpty()) {
            return result;
        }
        try {
            context.store().put(uri.get(), StepResultCodec.toJson(result).getBytes(StandardCharsets.UTF_8));
            progress.say("result written to %s", uri.get());
            return result;
        } catch (ArtifactException e) {
            if (result.outcome() == Outcome.Failed) {
                progress.say("the result can't be written to the store: %s", e.getMessage());
                return result;
            }
            throw StepFailure.ofStore(e);
        }
    }

    private int end(StepResult<D> result) {
        if (!done.compareAndSet(false, true)) {
            return EXIT_FAILED;
        }
        writeTerminationMessage(TerminationMessage.of(result, step::shorter));
        progress.say("%s: %s%s", result.outcome(), reasonIfBad(result), result.message());
        return switch (result.outcome()) {
            case Succeeded -> EXIT_SUCCEEDED;
            case Rejected -> EXIT_REJECTED;
            case Failed -> EXIT_FAILED;
        };
    }

    private static String reasonIfBad(StepResult<?> result) {
        return result.outcome() == Outcome.Succeeded ? "" : result.reason() + ": ";
    }

    private void writeTerminationMessage(byte[] json) {
        var file = resultOptions.terminationMessage();
        if (file.isEmpty()) {
            return;
        }
        try {
            Files.write(file.get(), json);
        } catch (IOException e) {
            progress.say("the termination message can't be written to %s: %s", file.get(), e);
        }
    }

    private void leaveLastWords(String reason, String message) {
        if (!done.get()) {
            StepResult<D> words = StepResult.failed(step.name(), reason, message);
            writeTerminationMessage(TerminationMessage.of(words, step::shorter));
        }
    }

    /** The JVM goes down: by SIGTERM, unless the step has ended. */
    private void stopped() {
        if (done.compareAndSet(false, true)) {
            StepResult<D> words =
                    StepResult.failed(step.name(), "Interrupted", "stopped before the step was done; run it again");
            writeTerminationMessage(TerminationMessage.of(words, step::shorter));
            removeWorkspace();
            progress.say("stopped before the step was done");
        }
    }

    private void removeWorkspace() {
        if (workspace == null) {
            return;
        }
        try (var files = Files.walk(workspace)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            progress.say("left behind: %s (%s)", workspace, e);
        }
    }
}
