package dev.tatara.steps.drift;

import dev.tatara.statistics.Pane;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.drift.ReadAhead.Damaged;
import dev.tatara.steps.drift.ReadAhead.Gone;
import dev.tatara.steps.drift.ReadAhead.Read;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What serving pods saw in a span of time.
 *
 * @param start begin of the time that was asked for
 * @param end its end
 * @param pane all of it; nothing where there are no panes
 * @param pods how many wrote them
 * @param lost panes that never got into the store
 * @param damaged panes that can't be read, with the reason
 */
record LiveData(Instant start, Instant end, Optional<Pane> pane, int pods, long lost, List<String> damaged) {
    private static final int ATTEMPTS = 5;
    private static final Comparator<Piece> ORDER =
            Comparator.comparing(Piece::start).thenComparing(Piece::key);

    LiveData {
        damaged = List.copyOf(damaged);
    }

    /**
     * Merges what lies in the store. A pane, an hour or a day counts if it begins and ends in the time that is asked
     * for, so that at the beginning up to an hour is left out where panes have been rolled up, and up to a day where
     * hours have.
     *
     * @param folder of the service
     * @param revisions whose panes count
     */
    static LiveData read(StoreFolder files, String folder, List<String> revisions, Instant start, Instant end)
            throws StepFailure {
        for (int attempt = 1; ; attempt++) {
            var found = attempt(Listing.of(files, folder), revisions, start, end);
            if (found.isPresent()) {
                return found.get();
            }
            if (attempt == ATTEMPTS) {
                throw StepFailure.failed(
                        Reasons.CONCURRENT_ROLL_UP,
                        "panes are rolled up by somebody else at the same time; run again",
                        null);
            }
        }
    }

    /** Nothing where somebody else rolls up at the same time. */
    private static Optional<LiveData> attempt(Listing listing, List<String> revisions, Instant start, Instant end)
            throws StepFailure {
        var pieces = new ArrayList<Piece>();
        for (var revision : revisions.stream().distinct().toList()) {
            pieces.addAll(listing.uncounted(revision, start, end));
        }
        pieces.sort(ORDER);
        var merger = new PieceMerger();
        var processes = new Processes();
        var damaged = new ArrayList<String>();
        var gone = new ArrayList<Piece>();
        new ReadAhead(listing).read(pieces, found -> {
            switch (found) {
                case Read read -> {
                    if (!read.pane().end().isAfter(end)) {
                        merger.add(read);
                        processes.add(read);
                    }
                }
                case Damaged broken -> {
                    damaged.add(broken.piece().key() + ": " + broken.why());
                    processes.addDamaged(broken.piece());
                }
                case Gone absent -> gone.add(absent.piece());
            }
            return gone.isEmpty();
        });
        return gone.isEmpty()
                ? Optional.of(
                        new LiveData(start, end, merger.pane(), merger.pods().size(), processes.lost(end), damaged))
                : Optional.empty();
    }
}
