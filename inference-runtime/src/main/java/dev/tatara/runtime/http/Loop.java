package dev.tatara.runtime.http;

import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.settings.RuntimeSettings;

/** What all exchanges on one event loop share. */
final class Loop {
    private final Serving serving;
    private final int compressFrom;
    private final boolean forPeers;
    private final Heads heads;
    private Deflation deflation;

    /**
     * @param forPeers whether it answers what other pods forward
     */
    Loop(Serving serving, RuntimeSettings settings, boolean forPeers) {
        this.serving = serving;
        this.forPeers = forPeers;
        heads = new Heads(settings.http().headerTimeout());
        compressFrom = settings.http().compressFrom() == 0
                ? Integer.MAX_VALUE
                : settings.http().compressFrom();
    }

    Serving serving() {
        return serving;
    }

    /** Whether it answers what other pods forward. */
    boolean isForPeers() {
        return forPeers;
    }

    /** Whether answers say which revision they are of. */
    boolean namesRevision() {
        return forPeers || serving.routing().active() != null;
    }

    /** Watches over the heads of requests. */
    Heads heads() {
        return heads;
    }

    /** Whether answers of this size are compressed for clients that take them so. */
    boolean compresses(int bytes) {
        return bytes >= compressFrom;
    }

    Deflation deflation() {
        if (deflation == null) {
            deflation = new Deflation();
        }
        return deflation;
    }

    /** Frees native memory. */
    void close() {
        if (deflation != null) {
            deflation.close();
        }
    }
}
