package dev.tatara.steps.training;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.ArtifactUri.LocalFile;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Progress;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** A folder with a store of files, to run steps in. */
final class Bench implements AutoCloseable {
    final Path folder;
    final Path root;
    private final ArtifactStore store = ArtifactStore.open(StoreSettings.defaults());
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    Bench(Path folder) {
        this.folder = folder;
        this.root = folder.resolve("store");
    }

    /** A model that ONNX Runtime runs. */
    static Path model() {
        try {
            return Path.of(Bench.class.getResource("/evaluate/iris.onnx").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The result, of whatever outcome. */
    <D> StepResult<D> run(Step<D> step) throws IOException {
        try {
            return step.run(context());
        } catch (StepFailure e) {
            return e.asResult(step.name());
        }
    }

    StepContext context() throws IOException {
        return new StepContext(
                store,
                new LocalFile(root),
                Files.createTempDirectory(folder, "work"),
                progress(),
                (reason, words) -> {});
    }

    Progress progress() {
        return new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    StoreFolder runFolder(String name) {
        ArtifactUri stored = new LocalFile(root.resolve(name));
        return new ArtifactFolder(store, stored);
    }

    String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    /** Writes rows to a file whose ending tells the format. */
    Path rows(String name, String select) throws SQLException, IOException {
        var file = folder.resolve(name);
        try (var engine = TableEngine.open(Files.createTempDirectory(folder, "make"), 64L << 20, 1)) {
            engine.execute("set preserve_insertion_order = true");
            engine.execute("copy (" + select + ") to " + Sql.file(file)
                    + (name.endsWith(".csv") ? " (format csv, header true)" : " (format parquet)"));
        }
        return file;
    }

    /** Everything below a folder of the store: digests by path. */
    Map<String, String> contents(String below) throws IOException {
        var found = new TreeMap<String, String>();
        var from = root.resolve(below);
        if (!Files.exists(from)) {
            return found;
        }
        try (var walk = Files.walk(from)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                found.put(from.relativize(file).toString(), Sha256.of(file).sha256());
            }
        }
        return found;
    }

    @Override
    public void close() {
        store.close();
    }
}
