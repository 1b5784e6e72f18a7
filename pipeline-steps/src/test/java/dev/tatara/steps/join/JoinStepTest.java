package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.JoinedDataset.Column;
import dev.tatara.contracts.JoinedDataset.Part;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.ViewDefinition.Wanted;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinStepTest {
    private static final String USERS = """
            entities: [{name: user, joinKey: user_id, type: INT64}]
            features: [{name: logins, type: INT64, defaultValue: "0"}, {name: spent, type: DOUBLE}]
            ttl: 2d
            source: {uri: "s3://raw/users.parquet", timestampColumn: happened}
            """;
    private static final String SHOPS = """
            entities: [{name: shop, type: STRING}]
            features: [{name: spent, type: DOUBLE}, {name: open, type: BOOL}]
            source: {uri: "s3://raw/shops.parquet", timestampColumn: happened, createdTimestampColumn: made}
            """;
    private static final String LABELS = """
            user_id,shop,event_timestamp,churned
            1,a,2024-01-03T00:00:00Z,stay
            2,b,2024-01-03T00:00:00Z,left
            3,a,2024-01-03T00:00:00Z,stay
            1,a,2024-01-09T00:00:00Z,left
            """;

    @TempDir
    Path folder;

    private ArtifactStore store;
    private ArtifactUri root;
    private StoredView users;
    private StoredView shops;
    private int runs;

    @BeforeEach
    void open() throws Exception {
        store = ArtifactStore.open(StoreSettings.defaults());
        root = ArtifactUri.parse("file://" + folder.resolve("store"));
        users = new StoredView(store, root, folder, "users");
        shops = new StoredView(store, root, folder, "shops");
        users.snapshot(
                "select 1::bigint as user_id, timestamptz '2024-01-01 00:00:00Z' as happened, 10::bigint as logins, 1.5::double as spent");
        users.snapshot(
                "select 1::bigint as user_id, timestamptz '2024-01-02 00:00:00Z' as happened, 11::bigint as logins, 2.5::double as spent"
                        + " union all select 2, timestamptz '2024-01-02 00:00:00Z', null, null");
        shops.snapshot(
                "select 'a' as shop, timestamptz '2024-01-01 00:00:00Z' as happened, timestamptz '2024-01-02 00:00:00Z' as made, 100::double as spent, true as open");
        shops.snapshot(
                "select 'a' as shop, timestamptz '2024-01-01 00:00:00Z' as happened, timestamptz '2024-01-01 00:00:00Z' as made, 99::double as spent, false as open");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private StepResult<JoinedDataset> run(JoinRequest request) throws Exception {
        var workspace = Files.createDirectory(folder.resolve("workspace" + runs++));
        var progress = new Progress(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        var context = new StepContext(store, root, workspace, progress, (reason, message) -> {});
        return step(request).run(context);
    }

    private static JoinStep step(JoinRequest request) {
        return new JoinStep(request, StoreSettings.defaults(), 256L << 20, 2);
    }

    private JoinRequest request(String entities, Path job, boolean defaults, Wanted... views) {
        return new JoinRequest(entities, null, List.of(views), job, "runs/ml/churn/1/dataset", null, null, defaults);
    }

    private String labels(String text) throws Exception {
        return Files.writeString(folder.resolve("labels.csv"), text).toUri().toString();
    }

    private static Wanted all(Path view) {
        return new Wanted(view, List.of());
    }

    private List<String> read(Part part) throws Exception {
        var file = Path.of(URI.create(part.uri()));
        try (var rows = new Rows(folder, TableEngine.open(folder.resolve("spill"), 64L << 20, 1))) {
            return rows.rows("select * from read_parquet(" + Sql.file(file) + ")");
        }
    }

    @Test
    void joinsTheCurrentSnapshotsOfViews() throws Exception {
        var result = run(request(labels(LABELS), null, true, all(users.define(USERS)), all(shops.define(SHOPS))));

        var dataset = result.details();
        assertThat(dataset.parts()).hasSize(1);
        var all = dataset.parts().getFirst();
        assertThat(all.name()).isEqualTo("all");
        assertThat(all.uri())
                .isEqualTo(
                        root.resolve("runs/ml/churn/1/dataset/dataset.parquet").external());
        assertThat(all.sha256())
                .isEqualTo(Sha256.of(Path.of(URI.create(all.uri()))).sha256());
        assertThat(read(all))
                .containsExactly(
                        "1,a,2024-01-03T00:00Z,stay,11,2.5,100.0,true",
                        "2,b,2024-01-03T00:00Z,left,0,null,null,null",
                        "3,a,2024-01-03T00:00Z,stay,0,null,100.0,true",
                        "1,a,2024-01-09T00:00Z,left,0,null,100.0,true");
        assertThat(dataset.entityRows()).isEqualTo(4);
        assertThat(dataset.minTimestamp()).isEqualTo("2024-01-03T00:00:00Z");
        assertThat(dataset.maxTimestamp()).isEqualTo("2024-01-09T00:00:00Z");
        assertThat(dataset.columns())
                .containsExactly(
                        new Column("user_id", "BIGINT", 0),
                        new Column("shop", "VARCHAR", 0),
                        new Column("event_timestamp", "TIMESTAMP WITH TIME ZONE", 0),
                        new Column("churned", "VARCHAR", 0),
                        new Column("logins", "BIGINT", 0),
                        new Column("users__spent", "DOUBLE", 3),
                        new Column("shops__spent", "DOUBLE", 1),
                        new Column("open", "BOOLEAN", 1));
        var lineage = dataset.views().getFirst();
        assertThat(lineage.namespace() + "/" + lineage.name()).isEqualTo("ml/users");
        assertThat(lineage.snapshot()).isEqualTo(2);
        assertThat(lineage.sha256())
                .isEqualTo(Sha256.of(store.read(users.catalog(), 1 << 20)).sha256());
        assertThat(lineage.matched()).isEqualTo(2);
        assertThat(result.message()).contains("4 rows, 8 columns", "users: 50.0 %", "shops: 75.0 %");
    }

    @Test
    void withoutDefaultsAndWithSomeFeatures() throws Exception {
        var wanted = new Wanted(users.define(USERS), List.of("logins"));
        var result = run(request(labels(LABELS), null, false, wanted));
        assertThat(read(result.details().parts().getFirst()))
                .containsExactly(
                        "1,a,2024-01-03T00:00Z,stay,11",
                        "2,b,2024-01-03T00:00Z,left,null",
                        "3,a,2024-01-03T00:00Z,stay,null",
                        "1,a,2024-01-09T00:00Z,left,null");
    }

    private Path job(String dataset) throws Exception {
        return Files.writeString(
                folder.resolve("job.yaml"),
                "apiVersion: mlops.tatara.dev/v1alpha1\nkind: TrainingJob\nmetadata: {name: churn, namespace: ml}\n"
                        + "spec:\n  model: churn\n  dataset:\n" + dataset.indent(4));
    }

    private String manyLabels() throws Exception {
        var text = new StringBuilder("user_id,seen,churned\n");
        IntStream.range(0, 400).forEach(i -> text.append(i % 5)
                .append(',')
                .append(Instant.parse("2024-01-02T00:00:00Z").plus(Duration.ofMinutes(i)))
                .append(',')
                .append(i % 4 == 0 ? "left" : "stay")
                .append('\n'));
        return labels(text.toString());
    }

    @Test
    void aTrainingJobSaysWhatIsJoinedAndHowItIsDivided() throws Exception {
        var job = job("""
                entities: {uri: "%s", timestampColumn: seen, labelColumn: churned}
                featureViews: [{name: users, features: [logins]}]
                window: 5h
                split: {by: Stratified, test: 0.25, seed: 42}
                """.formatted(manyLabels()));
        var first = run(request(null, job, true, all(users.define(USERS)))).details();

        assertThat(first.parts().stream().map(Part::name)).containsExactly("train", "validation", "test");
        // Of 301 rows the last five hours, both ends included; a quarter of each class is the test.
        assertThat(first.entityRows()).isEqualTo(301);
        assertThat(first.parts().stream().mapToLong(Part::rows).sum()).isEqualTo(301);
        assertThat(first.parts().getLast().rows()).isBetween(74L, 76L);
        assertThat(first.columns().stream().map(Column::name)).containsExactly("user_id", "seen", "churned", "logins");
        var seen = new ArrayList<String>();
        for (var part : first.parts()) {
            seen.addAll(read(part));
        }
        assertThat(seen).doesNotHaveDuplicates();
        // Again and with other threads: the same bytes.
        assertThat(run(request(null, job, true, all(users.define(USERS)))).details())
                .isEqualTo(first);
    }

    @Test
    void aReadyTableIsDividedInTheSameWay() throws Exception {
        var job = job("""
                uri: "%s"
                labelColumn: churned
                timestampColumn: seen
                split: {by: Time, test: 0.1, validation: 0}
                """.formatted(manyLabels()));
        var dataset = run(request(null, job, true)).details();
        assertThat(dataset.parts().stream().map(Part::name)).containsExactly("train", "test");
        assertThat(dataset.parts().stream().map(Part::rows)).containsExactly(360L, 40L);
        assertThat(read(dataset.parts().getLast()).getFirst()).contains("2024-01-02T06:00Z");
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        var labels = labels(LABELS);
        var view = all(users.define(USERS));
        refuses(
                "NoSnapshot",
                request(labels, null, true, all(new StoredView(store, root, folder, "new").define(USERS))));
        refuses("InvalidDefinition", request(labels, null, true, view, view));
        refuses("InvalidDefinition", request(labels, null, true, new Wanted(view.file(), List.of("rank"))));
        refuses("InvalidDefinition", request(null, null, true, view));
        var entities = "entities: {uri: \"" + labels + "\", labelColumn: churned}\n";
        refuses("InvalidDefinition", request(null, job(entities), true, view));
        refuses("InvalidDefinition", request(null, job(entities + "featureViews: [{name: shops}]"), true));
        refuses("TooFewRows", request(null, job(entities + "split: {test: 0.1}"), true));
        refuses("ColumnsMissing", request(null, job(entities.replace("churned", "left")), true));
        refuses("SourceNotFound", request("file:///nowhere/labels.csv", null, true, view));
    }

    @Test
    void aSnapshotThatWasChangedIsNotTrainedOn() throws Exception {
        var view = all(users.define(USERS));
        store.put(users.newestFile(), new byte[] {1, 2, 3});
        refuses("SnapshotDamaged", request(labels(LABELS), null, true, view));
    }

    private void refuses(String reason, JoinRequest request) {
        assertThatThrownBy(() -> run(request)).isInstanceOfSatisfying(StepFailure.class, e -> assertThat(e.reason())
                .as(e.getMessage())
                .isEqualTo(reason));
    }

    @Test
    void theShortResultFitsATerminationMessage() {
        var views = IntStream.range(0, 32)
                .mapToObj(i -> new JoinedDataset.View("ml", "view-with-a-long-name-" + i, i, "0".repeat(64), 1_000_000))
                .toList();
        var columns = IntStream.range(0, 500)
                .mapToObj(i -> new Column("column_with_a_long_name_" + i, "DOUBLE", 0))
                .toList();
        var parts = List.of(new Part("all", "s3://bucket/" + "x".repeat(200), "0".repeat(64), 1, 1));
        var details = new JoinedDataset(parts, views, 1, columns, false, false, null, null);
        var step = step(request(null, null, true));
        while (StepResultCodec.toJson(StepResult.succeeded("join", "", details)).length() > 3000) {
            details = step.shorter(details).orElseThrow();
        }
        assertThat(details.parts()).isEqualTo(parts);
        assertThat(details.columnsTruncated()).isTrue();
        assertThat(details.viewsTruncated()).isTrue();
        assertThat(details.views()).isNotEmpty();
    }
}
