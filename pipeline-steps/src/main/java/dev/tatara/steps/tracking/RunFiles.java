package dev.tatara.steps.tracking;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.Run;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies files of the artifact store to where MLflow keeps a run's files. Only where the server takes them itself; what
 * is there already in the same length isn't sent again.
 */
final class RunFiles {
    private final MlflowClient client;
    private final Run run;
    private final ArtifactStore store;
    private final Path workspace;
    private final LeftOut leftOut;
    private final Map<String, Map<String, Long>> present = new HashMap<>();
    private int copied;

    RunFiles(MlflowClient client, Run run, ArtifactStore store, Path workspace, LeftOut leftOut) {
        this.client = client;
        this.run = run;
        this.store = store;
        this.workspace = workspace;
        this.leftOut = leftOut;
    }

    /** Whether the server takes files of this run. */
    boolean areServed() {
        return client.artifacts().address(run.artifactUri()).isPresent();
    }

    /** Files that lie with the run now. */
    int count() {
        return copied;
    }

    /** The address of a folder of the run's files, as MLflow writes it. */
    String address(String folder) {
        return run.artifactUri().replaceFirst("/+$", "") + "/" + folder;
    }

    /** Whether the file lies with the run now; where not, it is among what was left out. */
    boolean copy(String uri, String folder, String name, long maxBytes)
            throws MlflowException, StepFailure, IOException {
        var file = workspace.resolve("upload");
        try {
            var source = ArtifactUri.parse(uri);
            var size = store.stat(source).sizeBytes();
            if (size > maxBytes) {
                leftOut.add("%s/%s: %s are more than %s; it lies at %s"
                        .formatted(folder, name, ByteSize.show(size), ByteSize.show(maxBytes), source));
                return false;
            }
            if (isThere(folder, name, size)) {
                copied++;
                return true;
            }
            store.download(source, file, maxBytes);
            client.artifacts().upload(address(folder) + "/" + name, file);
            copied++;
            return true;
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound || e.kind() == Kind.TooLarge || e.kind() == Kind.Unsupported) {
                leftOut.add("%s/%s: %s".formatted(folder, name, e.getMessage()));
                return false;
            }
            throw StepFailure.ofStore(e);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    void write(String text, String folder, String name) throws MlflowException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (!isThere(folder, name, bytes.length)) {
            client.artifacts().upload(address(folder) + "/" + name, bytes);
        }
        copied++;
    }

    private boolean isThere(String folder, String name, long size) throws MlflowException {
        var sizes = present.get(folder);
        if (sizes == null) {
            sizes = client.artifacts().sizes(run.id(), folder);
            present.put(folder, sizes);
        }
        return sizes.getOrDefault(name, -1L) == size;
    }
}
