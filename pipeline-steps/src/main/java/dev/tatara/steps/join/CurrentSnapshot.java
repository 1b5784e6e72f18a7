package dev.tatara.steps.join;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshotCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.options.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Fetches the current snapshot of a view from the artifact store. */
record CurrentSnapshot(String namespace, String view) {
    private static final Pattern NUMBER = Pattern.compile("(\\d{8})\\.json$");
    private static final int MAX_CATALOG = 16 << 20;
    private static final int PAGE = 1000;
    private static final int TRIES = 5;

    /**
     * A snapshot on this machine's disk.
     *
     * @param number its number
     * @param sha256 digest of its catalog
     * @param files its files, oldest first
     * @param rows its rows
     */
    record Fetched(int number, String sha256, List<DataFile> files, long rows) {
        /** Makes room. */
        void remove() throws IOException {
            for (var file : files) {
                Files.deleteIfExists(file.path());
            }
        }
    }

    /** Fetches it into a folder. A snapshot that is removed meanwhile has a successor, which is taken instead. */
    Fetched fetch(StepContext context, Path folder) throws StepFailure {
        for (var tries = 1; ; tries++) {
            try {
                return fetch(number(context), context, folder);
            } catch (ArtifactException e) {
                if (e.kind() != Kind.NotFound || tries == TRIES) {
                    throw StepFailure.ofStore(e);
                }
            }
        }
    }

    private int number(StepContext context) throws ArtifactException, StepFailure {
        var highest = OptionalInt.empty();
        var prefix = context.storeUri().resolve(FeatureSnapshot.folder(namespace, view) + "snapshots");
        String after = null;
        do {
            var page = context.store().list(prefix, after, PAGE);
            for (var entry : page.entries()) {
                var number = NUMBER.matcher(entry.uri().external());
                if (number.find()) {
                    highest = OptionalInt.of(Math.max(highest.orElse(0), Integer.parseInt(number.group(1))));
                }
            }
            after = page.next().orElse(null);
        } while (after != null);
        return highest.orElseThrow(() -> StepFailure.failed(
                Reasons.NO_SNAPSHOT,
                "view %s/%s has no snapshot at %s: materialize it first".formatted(namespace, view, prefix),
                null));
    }

    private Fetched fetch(int number, StepContext context, Path folder) throws ArtifactException, StepFailure {
        var address = context.storeUri().resolve(FeatureSnapshot.key(namespace, view, number));
        var json = context.store().read(address, MAX_CATALOG);
        FeatureSnapshot catalog;
        try {
            catalog = FeatureSnapshotCodec.fromJson(json);
        } catch (MalformedResultException e) {
            throw damaged("the catalog at " + address + " can't be read: " + e.getMessage());
        }
        var wanted = catalog.files().stream().filter(file -> file.rows() > 0).toList();
        context.progress()
                .say(
                        "view %s/%s: snapshot %d, %d rows in %d files (%s)",
                        namespace,
                        view,
                        number,
                        catalog.rows(),
                        wanted.size(),
                        ByteSize.show(wanted.stream()
                                .mapToLong(FeatureSnapshot.DataFile::sizeBytes)
                                .sum()));
        var files = new ArrayList<DataFile>();
        for (var file : wanted) {
            var target = folder.resolve(files.size() + ".parquet");
            var source = context.storeUri().resolve(file.key());
            var digested = context.store().download(source, target, Long.MAX_VALUE);
            if (!digested.sha256().equals(file.sha256())) {
                throw damaged("expected sha256 %s at %s, found %s".formatted(file.sha256(), source, digested.sha256()));
            }
            files.add(new DataFile(target, file.minTimestamp(), file.maxTimestamp(), true));
        }
        return new Fetched(number, Sha256.of(json).sha256(), files, catalog.rows());
    }

    private static StepFailure damaged(String what) {
        return StepFailure.failed(
                Reasons.SNAPSHOT_DAMAGED, what + ": restore the file, or materialize the view with --full", null);
    }
}
