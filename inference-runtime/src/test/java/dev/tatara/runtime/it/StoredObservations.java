package dev.tatara.runtime.it;

import dev.tatara.artifacts.ArtifactEntry;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactPage;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.artifacts.testing.S3Server;
import dev.tatara.runtime.TestModels;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** An artifact store for a test, and what a server wrote to it. */
final class StoredObservations implements AutoCloseable {
    private static final int MOST_BYTES = 64 << 20;

    private final S3Server server = S3Server.startWith("observations");
    private final Path folder;
    private final Path secret;
    private final ArtifactStore store;
    private final ArtifactUri base;

    StoredObservations(Path folder) throws ArtifactException {
        this.folder = folder;
        secret = S3Server.writeSecret(
                folder.resolve("secret"),
                Map.of(
                        "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY_ID,
                        "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_ACCESS_KEY,
                        "PAYLOAD_HASH_KEY", "a key for tests, long enough"));
        store = ArtifactStore.open(
                StoreSettings.defaults().withEndpoint(server.endpoint()).withCredentials(secret, "test"));
        base = ArtifactUri.parse("s3://observations/base");
    }

    S3Server server() {
        return server;
    }

    /** How a server finds the store, at its own address or another's. */
    Map<String, String> environment(URI endpoint, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "TATARA_NAMESPACE", "shop",
                "TATARA_SERVICE", "flowers",
                "TATARA_REVISION", "55ab012345",
                "POD_NAME", "flowers-55ab012345-x2x4k",
                "TATARA_STORE_URI", "s3://observations/base",
                "TATARA_STORE_ENDPOINT", endpoint.toString(),
                "TATARA_STORE_CREDENTIALS_DIR", secret.toString()));
        all.putAll(more);
        return all;
    }

    Map<String, String> environment(String... more) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return environment(server.endpoint(), settings);
    }

    /** Names of the files below a folder, in order. */
    List<String> files(String folder) throws ArtifactException {
        List<String> names = new ArrayList<>();
        collect(base.resolve(folder), names);
        names.sort(null);
        return names;
    }

    private void collect(ArtifactUri folder, List<String> names) throws ArtifactException {
        ArtifactPage page = store.list(folder, null, 1000);
        for (ArtifactEntry entry : page.entries()) {
            String name = entry.uri().external();
            // The store lists uploads that are under way by names of its own.
            if (name.endsWith(".bin") || name.endsWith(".gz") || name.endsWith(".parquet")) {
                names.add(name);
            }
        }
    }

    /** Puts a file below the store's base, as a pod of earlier days would have. */
    void write(String key) throws ArtifactException {
        store.put(base.resolve(key), new byte[] {1});
    }

    byte[] read(String file) throws ArtifactException {
        return store.read(ArtifactUri.parse(file), MOST_BYTES);
    }

    /** The lines of a file that is packed. */
    static List<String> lines(byte[] packed) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    List<Pane> panes() throws IOException {
        List<Pane> panes = new ArrayList<>();
        for (String file : files("drift")) {
            panes.add(PaneFormat.read(read(file)));
        }
        return panes;
    }

    /**
     * Asks DuckDB for what lies in the tables log, ledger and feedback, of which those exist that have files.
     *
     * @return a line per row, columns between bars
     */
    String query(String sql) throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            view(statement, "log", "payloads", "read_json", "*.jsonl.gz");
            view(statement, "ledger", "ledger", "read_parquet", "*.parquet");
            view(statement, "feedback", "feedback", "read_json", "*.jsonl.gz");
            return rows(statement, sql);
        }
    }

    private void view(Statement statement, String name, String of, String function, String files)
            throws IOException, SQLException {
        List<String> stored = files(of);
        if (stored.isEmpty()) {
            return;
        }
        Path copies = Files.createTempDirectory(folder, of);
        for (String file : stored) {
            Files.write(copies.resolve(file.substring(file.lastIndexOf('/') + 1)), read(file));
        }
        statement.execute("create view " + name + " as select * from " + function + "('" + copies + "/" + files + "')");
    }

    private static String rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(result.getObject(i)));
                }
                rows.add(String.join("|", columns));
            }
        }
        return String.join("\n", rows);
    }

    @Override
    public void close() {
        store.close();
        server.close();
    }
}
