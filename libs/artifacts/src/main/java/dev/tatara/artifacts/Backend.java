package dev.tatara.artifacts;

import java.io.InputStream;

/** One way of keeping artifacts. The addresses that arrive here are of the backend's own kind. */
interface Backend<U extends ArtifactUri> extends AutoCloseable {
    ArtifactEntry stat(U uri) throws ArtifactException;

    /**
     * Opens an artifact at an offset.
     *
     * @param tag the {@link Opened#tag()} of an earlier, broken transfer, so that its rest comes from the same bytes;
     *     {@code null} to start anew
     */
    Opened open(U uri, long offset, String tag) throws ArtifactException;

    /** Publishes content under an address, whole or not at all, in place of what is there. */
    void put(U uri, Content content) throws ArtifactException;

    /** The same where nothing is there yet. Returns whether these bytes were published. */
    boolean putIfAbsent(U uri, Content content) throws ArtifactException;

    ArtifactPage list(U prefix, String after, int limit) throws ArtifactException;

    void delete(U uri) throws ArtifactException;

    @Override
    void close();

    /**
     * A running transfer.
     *
     * @param body the bytes from {@code offset} on
     * @param offset where the body starts; 0 when the other side can't go on in the middle
     * @param totalBytes length of the whole artifact; −1 where unknown
     * @param tag names this version of the artifact; {@code null} where the other side has no such name
     */
    record Opened(InputStream body, long offset, long totalBytes, String tag) {}
}
