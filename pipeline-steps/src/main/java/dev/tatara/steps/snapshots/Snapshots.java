package dev.tatara.steps.snapshots;

import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshot.DataFile;
import dev.tatara.contracts.FeatureSnapshotCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The snapshots of a view. */
public final class Snapshots {
    /** What no snapshot names is left alone for so long: another run may be about to name it. */
    private static final Duration GRACE = Duration.ofDays(1);

    private static final String DAMAGED = "SnapshotDamaged";

    private static final String CONCURRENT = "ConcurrentMaterialization";
    private static final int MAX_CATALOG_BYTES = 64 << 20;
    private static final Pattern CATALOG = Pattern.compile(".*/snapshots/(\\d{8})\\.json");

    private final StoreFolder store;
    private final String folder;

    /**
     * Those of one view.
     *
     * @param namespace its namespace
     * @param view its name
     */
    public Snapshots(StoreFolder store, String namespace, String view) {
        this.store = store;
        this.folder = FeatureSnapshot.folder(namespace, view);
    }

    /**
     * A snapshot as it lies in the store.
     *
     * @param sha256 digest of its catalog
     */
    public record Stored(FeatureSnapshot snapshot, String sha256) {}

    /** The snapshot with the highest number. */
    public Optional<Stored> current() throws StepFailure {
        var numbers = numbers();
        return numbers.isEmpty() ? Optional.empty() : Optional.of(read(numbers.getLast()));
    }

    /** The snapshot with the next lower number than this, where it is kept still. */
    public Optional<FeatureSnapshot> before(int number) throws StepFailure {
        var earlier = numbers().stream().filter(other -> other < number).toList();
        return earlier.isEmpty()
                ? Optional.empty()
                : Optional.of(read(earlier.getLast()).snapshot());
    }

    /** Publishes a catalog; its files are there already. */
    public Stored publish(FeatureSnapshot snapshot) throws StepFailure {
        var bytes = FeatureSnapshotCodec.toJson(snapshot);
        if (!store.putIfAbsent(snapshot.key(), bytes)
                && !Arrays.equals(store.read(snapshot.key(), MAX_CATALOG_BYTES), bytes)) {
            throw StepFailure.failed(
                    CONCURRENT,
                    "another run wrote snapshot " + snapshot.number() + " of FeatureView " + snapshot.view()
                            + " meanwhile; run again",
                    null);
        }
        return new Stored(snapshot, Sha256.of(bytes).sha256());
    }

    /**
     * Removes snapshots beyond those to keep, and files that no snapshot names. Catalogs go first, oldest first: what
     * a catalog names is there as long as the catalog is.
     *
     * @return how many snapshots were removed
     */
    public int retain(int keep, Instant now) throws StepFailure {
        var numbers = numbers();
        var old = numbers.subList(0, Math.max(0, numbers.size() - keep));
        var named = new HashSet<String>();
        var given = new HashSet<String>();
        for (var number : numbers.subList(old.size(), numbers.size())) {
            names(number, named);
        }
        for (var number : old) {
            names(number, given);
        }
        for (var number : old) {
            store.delete(key(number));
        }
        for (var entry : store.list(folder + "data/")) {
            var forgotten = entry.modified().isBefore(now.minus(GRACE));
            if (!named.contains(entry.key()) && (given.contains(entry.key()) || forgotten)) {
                store.delete(entry.key());
            }
        }
        return old.size();
    }

    /** Fetches a file that a catalog names. */
    public static void fetch(DataFile file, StoreFolder store, Path to) throws StepFailure {
        var found = store.download(file.key(), to);
        if (!found.sha256().equals(file.sha256())) {
            throw StepFailure.failed(
                    DAMAGED,
                    "expected sha256 %s at %s, found %s: restore the file, or compute everything anew with --full"
                            .formatted(file.sha256(), store.address(file.key()), found.sha256()),
                    null);
        }
    }

    private void names(int number, Set<String> names) throws StepFailure {
        names.addAll(read(number).snapshot().files().stream().map(DataFile::key).collect(Collectors.toSet()));
    }

    private Stored read(int number) throws StepFailure {
        var bytes = store.read(key(number), MAX_CATALOG_BYTES);
        try {
            return new Stored(
                    FeatureSnapshotCodec.fromJson(bytes), Sha256.of(bytes).sha256());
        } catch (MalformedResultException e) {
            throw StepFailure.failed(DAMAGED, key(number) + ": " + e.getMessage(), e);
        }
    }

    private List<Integer> numbers() throws StepFailure {
        return store.list(folder + "snapshots/").stream()
                .map(entry -> CATALOG.matcher(entry.key()))
                .filter(matcher -> matcher.matches())
                .map(matcher -> Integer.valueOf(matcher.group(1)))
                .sorted()
                .toList();
    }

    private String key(int number) {
        return folder + "snapshots/%08d.json".formatted(number);
    }
}
