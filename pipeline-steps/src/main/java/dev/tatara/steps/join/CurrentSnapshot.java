package dev.tatara.steps.join;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.snapshots.Snapshots;
import dev.tatara.steps.snapshots.Snapshots.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Fetches the current snapshot of a view from the artifact store. */
record CurrentSnapshot(String namespace, String view) {
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
        var store = new ArtifactFolder(context.store(), context.storeUri());
        var snapshots = new Snapshots(store, namespace, view);
        for (var tries = 1; ; tries++) {
            try {
                var current = snapshots
                        .current()
                        .orElseThrow(() -> StepFailure.failed(
                                Reasons.NO_SNAPSHOT,
                                "view %s/%s has no snapshot at %s: materialize it first"
                                        .formatted(
                                                namespace,
                                                view,
                                                store.address(FeatureSnapshot.folder(namespace, view) + "snapshots")),
                                null));
                return fetch(current, store, context, folder);
            } catch (StepFailure e) {
                if (!isGone(e) || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    private static boolean isGone(StepFailure failure) {
        return failure.getCause() instanceof ArtifactException e && e.kind() == Kind.NotFound;
    }

    private Fetched fetch(Stored current, StoreFolder store, StepContext context, Path folder) throws StepFailure {
        var catalog = current.snapshot();
        var wanted = catalog.files().stream().filter(file -> file.rows() > 0).toList();
        context.progress()
                .say(
                        "view %s/%s: snapshot %d, %d rows in %d files (%s)",
                        namespace,
                        view,
                        catalog.number(),
                        catalog.rows(),
                        wanted.size(),
                        ByteSize.show(wanted.stream()
                                .mapToLong(FeatureSnapshot.DataFile::sizeBytes)
                                .sum()));
        var files = new ArrayList<DataFile>();
        for (var file : wanted) {
            var target = folder.resolve(files.size() + ".parquet");
            Snapshots.fetch(file, store, target);
            files.add(new DataFile(target, file.minTimestamp(), file.maxTimestamp(), true));
        }
        return new Fetched(catalog.number(), current.sha256(), files, catalog.rows());
    }
}
