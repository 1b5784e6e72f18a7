package dev.tatara.steps;

import dev.tatara.artifacts.Digested;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What steps need of a folder of the artifact store. Keys are paths below it. */
public interface StoreFolder {
    /** Everything below a folder, in the order of keys. */
    List<Entry> list(String folder) throws StepFailure;

    /** Reads something small; more than {@code maxBytes} is a failure. */
    byte[] read(String key, int maxBytes) throws StepFailure;

    /** The same, or nothing where nothing lies there (any more). */
    Optional<byte[]> find(String key, int maxBytes) throws StepFailure;

    /** Fetches into a file. */
    Digested download(String key, Path file) throws StepFailure;

    /** Publishes a file, whole or not at all, in place of what is there. */
    Digested put(String key, Path file) throws StepFailure;

    /** Publishes bytes, whole or not at all, in place of what is there. */
    Digested put(String key, byte[] bytes) throws StepFailure;

    /** Publishes bytes whole, unless something is there. Returns whether these were published. */
    boolean putIfAbsent(String key, byte[] bytes) throws StepFailure;

    /** Publishes a file whole, unless something is there. Returns whether it was published. */
    boolean putIfAbsent(String key, Path file) throws StepFailure;

    /** The digest of the bytes that are there. */
    Digested digest(String key) throws StepFailure;

    /** Removes; that nothing is there is fine. */
    void delete(String key) throws StepFailure;

    /** The whole address of a key. */
    String address(String key);

    /**
     * Something that lies in the folder.
     *
     * @param key its key
     * @param modified when it was written
     * @param sizeBytes its length
     */
    record Entry(String key, Instant modified, long sizeBytes) {}
}
