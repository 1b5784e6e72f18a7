package dev.tatara.mlflow;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Artifacts that the server itself takes and gives ({@code mlflow server --serve-artifacts}). Where it doesn't, its runs'
 * artifacts lie at an address of a store, which is not this class's business.
 */
public final class ServedArtifacts {
    private static final String SCHEME = "mlflow-artifacts:";

    private final Connection connection;
    private final URI server;

    ServedArtifacts(Connection connection, URI server) {
        this.connection = connection;
        this.server = server;
    }

    /**
     * The http address of an artifact.
     *
     * @param uri {@code mlflow-artifacts:/path}, or with this server's own host
     * @return nothing where the artifact isn't this server's to give
     */
    public Optional<URI> address(String uri) {
        return path(uri).map(path -> connection.address(Connection.artifactPath(path)));
    }

    /** Uploads a file. The same one may be uploaded again. */
    public void upload(String uri, Path file) throws MlflowException {
        connection.put(Connection.artifactPath(served(uri)), file);
    }

    /** Uploads bytes. */
    public void upload(String uri, byte[] bytes) throws MlflowException {
        connection.put(Connection.artifactPath(served(uri)), bytes);
    }

    /** Sizes in bytes of the files right in a folder of a run's artifacts, by name; empty where there is no such folder. */
    public Map<String, Long> sizes(String runId, String folder) throws MlflowException {
        var parameters = new HashMap<String, String>();
        parameters.put("run_id", runId);
        if (!folder.isEmpty()) {
            parameters.put("path", folder);
        }
        var sizes = new HashMap<String, Long>();
        connection.get("mlflow/artifacts/list", parameters).path("files").forEach(file -> {
            var path = file.path("path").asText();
            if (!file.path("is_dir").asBoolean()) {
                sizes.put(
                        path.substring(path.lastIndexOf('/') + 1),
                        file.path("file_size").asLong(-1));
            }
        });
        return sizes;
    }

    private String served(String uri) {
        return path(uri)
                .orElseThrow(() ->
                        new IllegalArgumentException("expected an artifact that the server gives, found: " + uri));
    }

    private Optional<String> path(String uri) {
        if (!uri.startsWith(SCHEME)) {
            return Optional.empty();
        }
        var rest = uri.substring(SCHEME.length());
        if (!rest.startsWith("//")) {
            return Optional.of(rest);
        }
        var slash = rest.indexOf('/', 2);
        var authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
        return authority.isEmpty() || authority.equals(server.getRawAuthority())
                ? Optional.of(slash < 0 ? "" : rest.substring(slash))
                : Optional.empty();
    }
}
