package dev.tatara.steps.snapshots;

import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** What snapshots need of an artifact store. Keys lie below its root. */
public interface SnapshotStore {
    /** Everything below a folder, in the order of keys. */
    List<Entry> list(String folder) throws StepFailure;

    byte[] read(String key, int maxBytes) throws StepFailure;

    /** Fetches into a file, and refuses bytes of another digest. */
    void download(String key, String sha256, Path file) throws StepFailure;

    /** Publishes bytes whole, unless something is there. Returns whether these were published. */
    boolean putIfAbsent(String key, byte[] bytes) throws StepFailure;

    /** Publishes a file whole, unless something is there. */
    boolean putIfAbsent(String key, Path file) throws StepFailure;

    /** Removes; that nothing is there is fine. */
    void delete(String key) throws StepFailure;

    /** The whole address of a key. */
    String address(String key);

    /**
     * Something that lies in the store.
     *
     * @param key its key
     * @param modified when it was written
     */
    record Entry(String key, Instant modified) {}
}
