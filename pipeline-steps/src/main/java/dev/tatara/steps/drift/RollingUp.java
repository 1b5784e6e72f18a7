package dev.tatara.steps.drift;

import dev.tatara.contracts.DriftEvaluated.RolledUp;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.Waiting;
import dev.tatara.steps.drift.Piece.Level;
import dev.tatara.steps.drift.ReadAhead.Damaged;
import dev.tatara.steps.drift.ReadAhead.Gone;
import dev.tatara.steps.drift.ReadAhead.Read;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes hours of panes and days of hours, in parts that are never changed: first the part is written, with the names of
 * what it was made of, then these are deleted. Who reads leaves out what a part names, so that nothing is counted twice
 * whenever this is killed. What comes late makes a further part.
 */
final class RollingUp {
    /** How long panes are kept after their hour ended: a window that is shorter doesn't begin at full hours. */
    static final Duration PANES_KEPT = Duration.ofHours(2);

    /** How long hours are kept after their day ended. */
    static final Duration HOURS_KEPT = Duration.ofDays(8);

    /** How long days are kept: a year, for comparisons with the season, and a month. */
    static final Duration DAYS_KEPT = Duration.ofDays(400);

    /** How long panes are kept that can't be read, for whoever wants to know why. */
    static final Duration DAMAGED_KEPT = Duration.ofDays(7);

    /** The verdict shouldn't wait longer; the next evaluation goes on. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private static final int AT_ONCE = 32;

    private final StoreFolder files;
    private final Listing listing;
    private final Instant at;
    private final Progress progress;
    private int hours;
    private int days;
    private long panes;
    private long late;
    private long deleted;

    /**
     * @param at what is younger than the times above at this time stays
     */
    RollingUp(StoreFolder files, Listing listing, Instant at, Progress progress) {
        this.files = files;
        this.listing = listing;
        this.at = at;
        this.progress = progress;
    }

    /** Does what there is to do for all revisions of the service, also for those that don't serve any more. */
    RolledUp run() {
        String trouble = null;
        try {
            for (var revision : listing.revisions()) {
                if (!roll(revision, Level.PANE, Level.HOUR, PANES_KEPT)
                        || !roll(revision, Level.HOUR, Level.DAY, HOURS_KEPT)) {
                    trouble = "stopped after " + LONGEST.toMinutes() + " minutes; the next evaluation goes on";
                    break;
                }
                deleteOld(revision);
            }
        } catch (StepFailure e) {
            trouble = e.getMessage();
        }
        if (hours + days > 0 || deleted > 0) {
            progress.say(
                    "rolled up %d panes (%d late): wrote %d hours and %d days, deleted %d files",
                    panes, late, hours, days, deleted);
        }
        if (trouble != null) {
            progress.say("not everything is rolled up: %s", trouble);
        }
        return new RolledUp(hours, days, panes, late, deleted, trouble);
    }

    /** Returns whether there was time for all. */
    private boolean roll(String revision, Level from, Level to, Duration kept) throws StepFailure {
        var groups = listing.pieces(revision, from, to);
        var young = listing.pieces(revision, Level.PANE, to);
        for (var group : groups.entrySet()) {
            var start = group.getKey();
            if (start.plus(to.length()).plus(kept).isAfter(at)) {
                break;
            }
            if (progress.elapsed().compareTo(LONGEST) > 0) {
                return false;
            }
            // Hours name panes; a day doesn't, so no pane may be left that one of its hours has.
            if (from == Level.PANE || !young.containsKey(start)) {
                roll(revision, to, start, group.getValue());
            }
        }
        return true;
    }

    private void roll(String revision, Level to, Instant start, List<Piece> pieces) throws StepFailure {
        var before = listing.pieces(revision, to, to).getOrDefault(start, List.of());
        var counted = listing.sources(before);
        var left = pieces.stream()
                .filter(piece -> counted.stream().noneMatch(sources -> sources.have(piece)))
                .toList();
        var done = new HashSet<>(pieces);
        if (!left.isEmpty()) {
            var damaged = new HashSet<Piece>();
            if (!write(revision, to, start, left, before, damaged)) {
                return;
            }
            damaged.removeIf(piece -> !piece.start().plus(DAMAGED_KEPT).isAfter(at));
            done.removeAll(damaged);
        }
        delete(done);
    }

    /** Returns whether everything that isn't damaged is in a part now. */
    private boolean write(
            String revision, Level to, Instant start, List<Piece> left, List<Piece> before, Set<Piece> damaged)
            throws StepFailure {
        var merger = new PieceMerger();
        var gone = new ArrayList<Piece>();
        new ReadAhead(listing).read(left, found -> {
            switch (found) {
                case Read read -> merger.add(read);
                case Damaged broken -> damaged.add(broken.piece());
                case Gone absent -> gone.add(absent.piece());
            }
            return gone.isEmpty();
        });
        if (!gone.isEmpty()) {
            progress.say("%s is left to somebody else who rolls it up", start);
            return false;
        }
        var rollUp = merger.rollUp();
        if (rollUp.isEmpty()) {
            return true;
        }
        var bytes = rollUp.get().toBytes();
        var key = Piece.keyOf(listing.folder(), revision, to, Piece.nameOf(start, part(revision, to, start, before)));
        // What is there counts, whatever the store answered: a write that was tried again finds itself, and a store
        // that can't do this on a condition may have given the place to somebody else.
        files.putIfAbsent(key, bytes);
        if (files.find(key, Listing.MOST_BYTES)
                .filter(there -> Arrays.equals(there, bytes))
                .isEmpty()) {
            progress.say("%s is left to somebody else who rolls it up", start);
            return false;
        }
        if (to == Level.HOUR) {
            hours++;
            panes += left.size() - damaged.size();
            late += before.isEmpty() ? 0 : left.size() - damaged.size();
        } else {
            days++;
        }
        return true;
    }

    /** The next number: above those of the parts that are there, and of those that a day was made of. */
    private int part(String revision, Level to, Instant start, List<Piece> before) throws StepFailure {
        var highest = before.stream()
                .mapToInt(piece -> Piece.partOf(piece.name()))
                .max()
                .orElse(-1);
        if (to == Level.HOUR) {
            var prefix = Piece.nameOf(start, 0).replaceFirst("0$", "");
            var days = listing.pieces(revision, Level.DAY, Level.DAY).getOrDefault(Level.DAY.startOf(start), List.of());
            for (var sources : listing.sources(days)) {
                highest = sources.names().stream()
                        .filter(name -> name.startsWith(prefix))
                        .mapToInt(Piece::partOf)
                        .reduce(highest, Math::max);
            }
        }
        return highest + 1;
    }

    private void deleteOld(String revision) throws StepFailure {
        for (var day : listing.pieces(revision, Level.DAY, Level.DAY).entrySet()) {
            if (!day.getKey().plus(Level.DAY.length()).plus(DAYS_KEPT).isAfter(at)) {
                delete(day.getValue());
            }
        }
    }

    private void delete(Collection<Piece> pieces) throws StepFailure {
        var keys = pieces.stream().map(Piece::key).sorted().toList();
        for (int from = 0; from < keys.size(); from += AT_ONCE) {
            deleteAtOnce(keys.subList(from, Math.min(keys.size(), from + AT_ONCE)));
        }
    }

    private void deleteAtOnce(List<String> keys) throws StepFailure {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = new ArrayList<Future<?>>();
            for (var key : keys) {
                waiting.add(threads.submit(() -> {
                    files.delete(key);
                    return key;
                }));
            }
            for (var future : waiting) {
                Waiting.on(future);
                deleted++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped while panes were rolled up", e);
        }
    }
}
