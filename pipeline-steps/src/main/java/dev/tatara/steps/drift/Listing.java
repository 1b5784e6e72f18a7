package dev.tatara.steps.drift;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.UnreadableException;
import dev.tatara.steps.drift.Piece.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The files of sketches of a service, as they lay in the store at one time. */
final class Listing {
    /** Files that are larger aren't read. */
    static final int MOST_BYTES = dev.tatara.statistics.PaneFormat.MOST_BYTES + (64 << 20);

    private final StoreFolder files;
    private final String folder;
    private final SortedMap<String, List<Piece>> byRevision;

    private Listing(StoreFolder files, String folder, SortedMap<String, List<Piece>> byRevision) {
        this.files = files;
        this.folder = folder;
        this.byRevision = byRevision;
    }

    static String folderOf(String namespace, String service) {
        return "drift/" + namespace + "/" + service + "/";
    }

    /**
     * Lists what there is.
     *
     * @param folder of the service, with a slash at its end
     */
    static Listing of(StoreFolder files, String folder) throws StepFailure {
        return new Listing(
                files,
                folder,
                files.list(folder).stream()
                        .flatMap(entry -> Piece.of(folder, entry).stream())
                        .collect(Collectors.groupingBy(Piece::revision, TreeMap::new, Collectors.toList())));
    }

    String folder() {
        return folder;
    }

    List<String> revisions() {
        return List.copyOf(byRevision.keySet());
    }

    /** Pieces of a level by the hour or day that they lie in, in the order of time and names. */
    SortedMap<Instant, List<Piece>> pieces(String revision, Level level, Level within) {
        return byRevision.getOrDefault(revision, List.of()).stream()
                .filter(piece -> piece.level() == level)
                .collect(Collectors.groupingBy(
                        piece -> within.startOf(piece.start()), TreeMap::new, Collectors.toList()));
    }

    /**
     * Pieces of a time that nothing else counts already: panes that no hour has, hours that no day has.
     *
     * @param start of the first, inclusive
     * @param end exclusive
     */
    List<Piece> uncounted(String revision, Instant start, Instant end) throws StepFailure {
        var found = new ArrayList<Piece>();
        for (var piece : pieces(revision, Level.DAY, Level.DAY).values()) {
            found.addAll(piece);
        }
        found.addAll(
                without(pieces(revision, Level.HOUR, Level.DAY), pieces(revision, Level.DAY, Level.DAY), start, end));
        found.addAll(without(
                pieces(revision, Level.PANE, Level.HOUR), pieces(revision, Level.HOUR, Level.HOUR), start, end));
        found.removeIf(piece -> !isBetween(piece, start, end));
        return found;
    }

    private List<Piece> without(
            Map<Instant, List<Piece>> pieces, Map<Instant, List<Piece>> rollUps, Instant start, Instant end)
            throws StepFailure {
        var left = new ArrayList<Piece>();
        for (var group : pieces.entrySet()) {
            var wanted = group.getValue().stream()
                    .filter(piece -> isBetween(piece, start, end))
                    .toList();
            var sources =
                    wanted.isEmpty() ? List.<Sources>of() : sources(rollUps.getOrDefault(group.getKey(), List.of()));
            for (var piece : wanted) {
                if (sources.stream().noneMatch(source -> source.have(piece))) {
                    left.add(piece);
                }
            }
        }
        return left;
    }

    private static boolean isBetween(Piece piece, Instant start, Instant end) {
        return !piece.start().isBefore(start) && piece.start().isBefore(end);
    }

    /** What roll-ups were made of; a damaged one, and one that is gone, counts nothing. */
    List<Sources> sources(List<Piece> rollUps) throws StepFailure {
        var sources = new ArrayList<Sources>();
        for (var rollUp : rollUps) {
            try {
                var bytes = bytes(rollUp);
                if (bytes.isPresent()) {
                    sources.add(RollUp.read(bytes.get()).sources());
                }
            } catch (UnreadableException e) {
                // It is named where the window is read.
            }
        }
        return sources;
    }

    /** The bytes of a piece; nothing where it is gone. Of one that is too large, too few to be a pane. */
    Optional<byte[]> bytes(Piece piece) throws StepFailure {
        return piece.sizeBytes() > MOST_BYTES ? Optional.of(new byte[0]) : files.find(piece.key(), MOST_BYTES);
    }
}
