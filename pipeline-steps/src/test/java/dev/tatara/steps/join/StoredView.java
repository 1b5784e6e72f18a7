package dev.tatara.steps.join;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshot.DataFile;
import dev.tatara.contracts.FeatureSnapshotCodec;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A view's definition, and snapshots of it in a store, as a materialization would leave them. */
final class StoredView {
    private final ArtifactStore store;
    private final ArtifactUri root;
    private final Path folder;
    private final String name;
    private final List<DataFile> files = new ArrayList<>();
    private int number;

    StoredView(ArtifactStore store, ArtifactUri root, Path folder, String name) {
        this.store = store;
        this.root = root;
        this.folder = folder;
        this.name = name;
    }

    /** The definition's file; entities, features and so on in YAML. */
    Path define(String spec) throws Exception {
        return Files.writeString(
                folder.resolve(name + ".yaml"),
                "apiVersion: mlops.tatara.dev/v1alpha1\nkind: FeatureView\nmetadata: {name: " + name
                        + ", namespace: ml}\nspec:\n" + spec.indent(2));
    }

    /** One more snapshot: the files of the one before, and one with the rows of this query, by event time {@code happened}. */
    StoredView snapshot(String query) throws Exception {
        var file = folder.resolve(name + "-" + number + ".parquet");
        try (var engine = TableEngine.open(folder.resolve("spill"), 64L << 20, 1)) {
            engine.execute("copy (" + query + ") to " + Sql.file(file) + " (format parquet)");
            var rows = "read_parquet(" + Sql.file(file) + ")";
            var digested = Sha256.of(file);
            var key = FeatureSnapshot.folder("ml", name) + "data/" + digested.sha256() + ".parquet";
            store.put(root.resolve(key), file);
            files.add(new DataFile(
                    key,
                    digested.sha256(),
                    digested.sizeBytes(),
                    engine.number("select count(*) from " + rows),
                    Micros.instant(engine.number("select epoch_us(min(happened)) from " + rows)),
                    Micros.instant(engine.number("select epoch_us(max(happened)) from " + rows))));
        }
        number++;
        var catalog = new FeatureSnapshot(
                FeatureSnapshot.SCHEMA,
                name,
                "ml",
                number,
                files.getLast().maxTimestamp(),
                null,
                Instant.parse("2024-02-01T00:00:00Z"),
                "0".repeat(64),
                files.stream().mapToLong(DataFile::rows).sum(),
                1,
                files,
                List.of(),
                List.of());
        store.put(root.resolve(catalog.key()), FeatureSnapshotCodec.toJson(catalog));
        return this;
    }

    /** The address of the newest file. */
    ArtifactUri newestFile() {
        return root.resolve(files.getLast().key());
    }

    /** The address of the current catalog. */
    ArtifactUri catalog() {
        return root.resolve(FeatureSnapshot.key("ml", name, number));
    }
}
