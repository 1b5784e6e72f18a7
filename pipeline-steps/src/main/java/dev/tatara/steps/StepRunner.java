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
    private final StepEnding<D> ending;
    private volatile Path workspace;

    public StepRunner(Step<D> step, StoreOptions storeOptions, ResultOptions resultOptions) {
        this.step = step;
        this.storeOptions = storeOptions;
        this.resultOptions = resultOptions;
        this.ending = new StepEnding<>(step.name(), step::shorter, resultOptions.terminationMessage(), progress);
    }

    /** The exit code. */
    public int run() {
        ending.watchForStop(this::removeWorkspace);
        StepResult<D> result;
        try (var store = ArtifactStore.open(storeOptions.settings())) {
            result = resultFrom(store);
        } catch (IllegalArgumentException e) {
            result = StepResult.failed(step.name(), "StoreUnavailable", "the store's endpoint is no address: " + e);
        }
        return ending.end(result);
    }

    private StepResult<D> resultFrom(ArtifactStore store) {
        try {
            var root = parseStore();
            workspace = Files.createTempDirectory("tatara-" + step.name() + "-");
            var context = new StepContext(store, root, workspace, progress, ending::leaveLastWords);
            var resultUri = resultUri(root);
            var earlier = resultUri.isPresent() ? find(resultUri.get(), context) : Optional.<StepResult<D>>empty();
            if (earlier.isPresent()) {
                progress.say("found the result of an earlier run at %s; --force does the work again", resultUri.get());
                return earlier.get();
            }
            return keep(ending.attempt(() -> step.run(context)), resultUri, context);
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
