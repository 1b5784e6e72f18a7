package dev.tatara.steps;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import java.nio.file.Path;

/**
 * What a running step has at hand.
 *
 * @param store the artifact store
 * @param storeUri its root
 * @param workspace an empty folder of its own on this machine's disk, removed afterwards
 * @param progress what it does, for people
 * @param lastWords what remains to be read if this process dies at once
 */
public record StepContext(
        ArtifactStore store, ArtifactUri storeUri, Path workspace, Progress progress, LastWords lastWords) {

    /**
     * What an option names: an address, or something below the store's root.
     *
     * @param option the option, for messages
     */
    public ArtifactUri address(String option, String text) throws StepFailure {
        try {
            return text.contains("://") ? ArtifactUri.parse(text) : storeUri.resolve(text);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        } catch (IllegalArgumentException e) {
            throw StepFailure.failed("StoreUnavailable", option + ": " + e.getMessage(), e);
        }
    }

    /** Leaves a message for the case that native code takes this process down. */
    @FunctionalInterface
    public interface LastWords {
        void leave(String reason, String message);
    }
}
