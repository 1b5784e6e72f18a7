package dev.tatara.runtime.it;

import java.io.IOException;

/** A client that asks for the same prediction again and again over one connection, and does next to nothing itself. */
interface Asker extends AutoCloseable {
    /**
     * Asks, and waits for the answer.
     *
     * @throws IOException where it isn't a good one
     */
    void ask() throws IOException;

    @Override
    void close() throws IOException;

    /** Connects to a port of this machine. */
    interface Opener {
        Asker open(int port) throws IOException;
    }
}
