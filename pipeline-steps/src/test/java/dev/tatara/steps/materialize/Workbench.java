package dev.tatara.steps.materialize;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri.LocalFile;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshotCodec;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.materialize.Materializer.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A folder with raw files, a store and a view, to materialize again and again. */
final class Workbench {
    static final Instant DAY = Instant.parse("2026-03-01T00:00:00Z");

    final Path raw;
    final Path root;
    final MemorySink online = new MemorySink();
    private final Path folder;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private String view = "";
    private String files = "*.parquet";
    private int threads = 2;

    Workbench(Path folder) throws IOException {
        this.folder = folder;
        this.raw = Files.createDirectories(folder.resolve("raw"));
        this.root = folder.resolve("store");
    }

    /** The specification, in YAML, below {@code spec}. */
    Workbench view(String spec) {
        this.view = "kind: FeatureView\nmetadata: {name: activity, namespace: shop}\nspec:\n" + spec.indent(2);
        return this;
    }

    Workbench files(String names) {
        this.files = names;
        return this;
    }

    Workbench threads(int number) {
        this.threads = number;
        return this;
    }

    /** Writes a file of raw rows. */
    void write(String name, String select) throws SQLException {
        sql("copy (" + select + ") to '" + raw.resolve(name) + "'");
    }

    static void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var any = connection.createStatement()) {
            any.execute("set TimeZone = 'UTC'");
            any.execute(statement);
        }
    }

    /** The answer to a query, a row in a text, values with blanks between. */
    static List<String> rows(String select) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
            var found = new ArrayList<String>();
            try (var rows = statement.executeQuery(select)) {
                while (rows.next()) {
                    var text = new ArrayList<String>();
                    for (var column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                        text.add(String.valueOf(rows.getString(column)));
                    }
                    found.add(String.join(" ", text));
                }
            }
            return found;
        }
    }

    StepResult<Materialized> run(Instant end) throws StepFailure, IOException {
        return run(new Interval.Wanted(Optional.empty(), end, false), store -> store);
    }

    StepResult<Materialized> runFully(Instant end) throws StepFailure, IOException {
        return run(new Interval.Wanted(Optional.empty(), end, true), store -> store);
    }

    StepResult<Materialized> run(Interval.Wanted wanted, UnaryOperator<StoreFolder> around)
            throws StepFailure, IOException {
        return run(wanted, around, online);
    }

    StepResult<Materialized> run(Interval.Wanted wanted, UnaryOperator<StoreFolder> around, OnlineSink sink)
            throws StepFailure, IOException {
        return run(wanted, around, sink, Optional.empty());
    }

    StepResult<Materialized> run(
            Interval.Wanted wanted,
            UnaryOperator<StoreFolder> around,
            OnlineSink sink,
            Optional<Materializer.Sources> source)
            throws StepFailure, IOException {
        var plan = plan();
        var workspace = Files.createTempDirectory(folder, "workspace");
        var progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (var store = ArtifactStore.open(StoreSettings.defaults())) {
            var snapshots = around.apply(new ArtifactFolder(store, new LocalFile(root)));
            var materializer =
                    new Materializer(plan, wanted, snapshots, new Machine(256L << 20, threads), workspace, progress);
            Materializer.Sources local = (fetched, interval) -> new FileSource(
                    "file://" + raw + "/" + files,
                    plan.source().format(),
                    StoreSettings.defaults(),
                    fetched,
                    new FileSource.Piece(1 << 20, 2),
                    progress);
            return materializer.run(source.orElse(local), plan.online().map(any -> (OnlineSink.Opener) which -> sink));
        }
    }

    ViewPlan plan() throws StepFailure, IOException {
        var file = Files.writeString(folder.resolve("view.yaml"), view);
        return ViewPlan.of(Definition.read(file, "FeatureView", FeatureViewSpec.class));
    }

    String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    FeatureSnapshot snapshot(int number) throws IOException {
        return FeatureSnapshotCodec.fromJson(
                Files.readAllBytes(root.resolve(FeatureSnapshot.key("shop", "activity", number))));
    }

    /** The rows of a snapshot as its readers understand them. */
    List<String> rowsOf(FeatureSnapshot snapshot, String columns, String created) throws SQLException {
        var parts = new ArrayList<String>();
        for (var file : snapshot.files()) {
            parts.add("select *, " + parts.size() + " as n from read_parquet('" + root.resolve(file.key()) + "')");
        }
        return rows("select " + columns + " from (" + String.join(" union all ", parts)
                + ") qualify row_number() over (partition by user_id, \"at\" order by "
                + (created == null ? "" : created + " desc nulls last, ") + "n desc) = 1 order by user_id, \"at\"");
    }

    /** Everything in the store: digests by path. */
    Map<String, String> contents() throws IOException {
        var found = new TreeMap<String, String>();
        if (!Files.exists(root)) {
            return found;
        }
        try (var walk = Files.walk(root)) {
            for (var file : walk.filter(Files::isRegularFile).toList()) {
                found.put(root.relativize(file).toString(), Sha256.of(file).sha256());
            }
        }
        return found;
    }
}
