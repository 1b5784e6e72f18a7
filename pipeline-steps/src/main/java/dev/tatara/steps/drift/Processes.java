package dev.tatara.steps.drift;

import dev.tatara.steps.drift.Piece.Level;
import dev.tatara.steps.drift.ReadAhead.Read;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out how many panes never got into the store. A process writes one after the other, numbered without a gap, and
 * marks its last one: a gap is a pane that was dropped, an end without a mark is a pane that was open when the process
 * was killed.
 */
final class Processes {
    /** A pane that is younger than this may still be on its way. */
    static final Duration LATE = Duration.ofMinutes(10);

    private final Map<String, Seen> processes = new HashMap<>();

    private static final class Seen {
        private long first = Long.MAX_VALUE;
        private long last = -1;
        private long count;
        private boolean ended;
        private boolean marks;
        private Instant until = Instant.MIN;
        private Duration pane = Duration.ZERO;
    }

    /** Adds a piece that was read; a day doesn't name panes. */
    void add(Read read) {
        var pane = read.pane();
        if (read.piece().level() == Level.PANE) {
            var seen = add(List.of(read.piece().name()), pane.end());
            seen.pane = Duration.between(pane.start(), pane.end());
            seen.ended |= pane.origin().last();
            seen.marks |= pane.traffic() != null;
        } else if (read.piece().level() == Level.HOUR) {
            for (var name : read.sources().names()) {
                // Pods of older releases mark no ends; those that tell of their traffic do.
                add(List.of(name), pane.end()).marks |= pane.traffic() != null;
            }
            read.sources().ended().forEach(process -> processes.get(process).ended = true);
        }
    }

    /** A pane that is there and can't be read isn't lost. */
    void addDamaged(Piece piece) {
        if (piece.level() == Level.PANE) {
            add(List.of(piece.name()), piece.start());
        }
    }

    private Seen add(Collection<String> names, Instant end) {
        Seen seen = null;
        for (var name : names) {
            seen = processes.computeIfAbsent(Piece.processOf(name), any -> new Seen());
            var number = Piece.numberOf(name);
            seen.first = Math.min(seen.first, number);
            seen.last = Math.max(seen.last, number);
            seen.count++;
            seen.until = end.isAfter(seen.until) ? end : seen.until;
        }
        return seen;
    }

    /** Panes that are missing and can't be expected any more. */
    long lost(Instant at) {
        long lost = 0;
        for (var seen : processes.values()) {
            lost += seen.last - seen.first + 1 - seen.count;
            var silent = !seen.until.plus(seen.pane).plus(LATE).isAfter(at);
            lost += seen.marks && !seen.ended && silent ? 1 : 0;
        }
        return lost;
    }
}
