package dev.tatara.steps.drift;

import dev.tatara.statistics.Pane;
import dev.tatara.steps.drift.Piece.Level;
import dev.tatara.steps.drift.ReadAhead.Read;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Puts pieces together one after the other, so that only the result is in memory. */
final class PieceMerger {
    private final Pane.Merger merger = new Pane.Merger();
    private final SortedSet<String> names = new TreeSet<>();
    private final SortedSet<String> pods = new TreeSet<>();
    private final SortedSet<String> ended = new TreeSet<>();

    void add(Read read) {
        merger.add(read.pane());
        names.add(read.piece().name());
        if (read.piece().level() == Level.PANE) {
            var process = Piece.processOf(read.piece().name());
            pods.add(Piece.podOf(process));
            if (read.pane().origin().last()) {
                ended.add(process);
            }
        } else {
            pods.addAll(read.sources().pods());
            ended.addAll(read.sources().ended());
        }
    }

    SortedSet<String> pods() {
        return pods;
    }

    /** What all of it saw; nothing where nothing was added. */
    Optional<Pane> pane() {
        return merger.merged();
    }

    Optional<RollUp> rollUp() {
        return pane().map(pane -> new RollUp(pane, new Sources(names, pods, ended)));
    }
}
