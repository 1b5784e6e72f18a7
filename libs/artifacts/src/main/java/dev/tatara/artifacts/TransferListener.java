package dev.tatara.artifacts;

/** Is told how a download goes on; called often, from the downloading thread. */
@FunctionalInterface
public interface TransferListener {
    /** For those who don't want to know. */
    TransferListener NONE = (bytes, total) -> {};

    /**
     * Some bytes have arrived.
     *
     * @param bytes how many so far; fewer than before when the transfer had to start anew
     * @param total how many there are; −1 where the other side doesn't say
     */
    void arrived(long bytes, long total);
}
