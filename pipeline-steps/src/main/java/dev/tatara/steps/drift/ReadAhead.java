package dev.tatara.steps.drift;

import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.PaneFormatException;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.UnreadableException;
import dev.tatara.steps.Waiting;
import dev.tatara.steps.drift.Piece.Level;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads pieces in their order, a few ahead: a store takes milliseconds to answer and many questions at once, and only
 * what is ahead is in memory.
 */
final class ReadAhead {
    /** Files that are asked for at the same time. */
    private static final int AHEAD = 32;

    private final Listing listing;

    ReadAhead(Listing listing) {
        this.listing = listing;
    }

    /** What became of a piece. */
    sealed interface Found {
        Piece piece();
    }

    /**
     * It was read.
     *
     * @param sources of a roll-up; {@code null} of a pane
     */
    record Read(Piece piece, Pane pane, Sources sources) implements Found {}

    /**
     * It can't be read.
     *
     * @param why for people
     */
    record Damaged(Piece piece, String why) implements Found {}

    /** It was listed and is gone: somebody else rolls up at the same time. */
    record Gone(Piece piece) implements Found {}

    /** Takes pieces one after the other. */
    @FunctionalInterface
    interface Taker {
        /** Returns whether it goes on. */
        boolean take(Found found);
    }

    /** Gives all pieces to somebody, as long as they go on. */
    void read(List<Piece> pieces, Taker taker) throws StepFailure {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = new ArrayDeque<Future<Found>>();
            var next = pieces.iterator();
            fill(waiting, next, threads);
            while (!waiting.isEmpty()) {
                if (!taker.take(Waiting.on(waiting.remove()))) {
                    threads.shutdownNow();
                    return;
                }
                fill(waiting, next, threads);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped while panes were read", e);
        }
    }

    private void fill(ArrayDeque<Future<Found>> waiting, Iterator<Piece> next, ExecutorService threads) {
        while (waiting.size() < AHEAD && next.hasNext()) {
            var piece = next.next();
            waiting.add(threads.submit(() -> read(piece)));
        }
    }

    private Found read(Piece piece) throws StepFailure {
        var bytes = listing.bytes(piece);
        if (bytes.isEmpty()) {
            return new Gone(piece);
        }
        try {
            if (piece.level() == Level.PANE) {
                return new Read(piece, PaneFormat.read(bytes.get()), null);
            }
            var rollUp = RollUp.read(bytes.get());
            return new Read(piece, rollUp.pane(), rollUp.sources());
        } catch (PaneFormatException | UnreadableException e) {
            return new Damaged(piece, e.getMessage());
        }
    }
}
