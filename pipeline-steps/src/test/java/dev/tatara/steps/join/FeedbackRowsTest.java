package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.feedback.PodFiles;
import dev.tatara.steps.join.ViewDefinition.Wanted;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedbackRowsTest {
    private static final Instant END = Instant.parse("2024-01-10T00:00:00Z");
    private static final String USERS = """
            entities: [{name: user, joinKey: user_id, type: INT64}]
            features: [{name: logins, type: INT64}]
            ttl: 30d
            source: {uri: "s3://raw/users.parquet", timestampColumn: happened}
            """;

    @TempDir
    Path folder;

    private ArtifactStore store;
    private ArtifactUri root;
    private StoredView users;

    @BeforeEach
    void open() throws Exception {
        store = ArtifactStore.open(StoreSettings.defaults());
        root = ArtifactUri.parse("file://" + folder.resolve("store"));
        users = new StoredView(store, root, folder, "users");
        users.snapshot(
                "select i as user_id, timestamptz '2024-01-09 06:00:00Z' as happened, 100 + i as logins"
                        + " from range(200) t(i) union all select i, timestamptz '2024-01-09 18:00:00Z', 999 from range(200) t(i)");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void put(String key, byte[] bytes) throws Exception {
        store.put(root.resolve(key), bytes);
    }

    /** A hundred predictions of two revisions at noon, the labels of eighty of them. */
    private void traffic(String zero, String one) throws Exception {
        for (int revision = 0; revision < 2; revision++) {
            put(
                    "ledger/ml/churn/rev" + revision + "/2024-01-09/12/churn-a-0123456789ab-" + revision + ".parquet",
                    PodFiles.ledger(
                            folder, "2024-01-09", "rev" + revision, """
                            select 43200 + i as second, 'r' || i as request_id, 0::int as "row", 'stay' as prediction,
                                   '0' as raw, 0.5::double as score,
                                   case when i %% 10 <> 9 then '{"user_id":' || i || ',"shop":"a"}' end as keys
                            from range(%d, %d) t(i)""".formatted(revision * 50, revision * 50 + 50)));
        }
        var lines = new ArrayList<String>();
        for (int i = 0; i < 80; i++) {
            lines.add(PodFiles.said("r" + i, 0, i % 4 == 0 ? one : zero, "2024-01-09T20:00:00Z"));
        }
        put("feedback/ml/churn/rev1/2024-01-09/20/churn-b-0123456789ab-0.jsonl.gz", PodFiles.feedback(lines));
    }

    private JoinedDataset join(String window) throws Exception {
        return join(window, USERS);
    }

    private JoinedDataset join(String window, String view) throws Exception {
        var job = Files.writeString(folder.resolve("job.yaml"), """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: churn, namespace: ml}
                spec:
                  model: churn
                  dataset:
                    entities: {feedback: churn, labelColumn: churned}
                    featureViews: [{name: users, features: [logins]}]
                    window: %s
                    split: {test: 0.5, validation: 0, seed: 1}
                """.formatted(window));
        var request = new JoinRequest(
                null, null, List.of(new Wanted(users.define(view), List.of())), job, "out", null, END, true);
        var progress = new Progress(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        var context = new StepContext(
                store, root, Files.createTempDirectory(folder, "work"), progress, (reason, message) -> {});
        return new JoinStep(request, StoreSettings.defaults(), 256L << 20, 2)
                .run(context)
                .details();
    }

    private String all(JoinedDataset dataset, String aggregates) throws Exception {
        var files = dataset.parts().stream()
                .map(part -> Sql.file(Path.of(URI.create(part.uri()))))
                .toList();
        try (var engine = TableEngine.open(folder.resolve("spill"), 64L << 20, 1)) {
            return engine.query("select concat_ws(' ', " + aggregates + ") from read_parquet(" + files + ")", rows -> {
                rows.next();
                return rows.getString(1);
            });
        }
    }

    @Test
    void predictionsWithLabelsAreTheRows() throws Exception {
        traffic("0", "1");
        var dataset = join("7d");

        // Of eighty labels, eight have no keys; features are those of the prediction's time. Keys of views that aren't
        // joined are no features.
        assertThat(dataset.entityRows()).isEqualTo(72);
        assertThat(all(
                        dataset,
                        "count(*), sum(churned), count(distinct user_id), max(logins), min(event_timestamp),"
                                + " typeof(any_value(user_id))"))
                .isEqualTo("72 20 72 178 2024-01-09 12:00:00+00 BIGINT");
        assertThat(dataset.columns())
                .extracting(JoinedDataset.Column::name)
                .containsExactly("user_id", "event_timestamp", "churned", "logins");
        assertThat(join("7d").parts()).as("the same once more").isEqualTo(dataset.parts());
    }

    @Test
    void labelsHaveTheTypeThatTheyLookLike() throws Exception {
        traffic("false", "true");
        assertThat(all(join("7d"), "typeof(any_value(churned))")).isEqualTo("BOOLEAN");
        traffic("0.5", "1");
        assertThat(all(join("7d"), "typeof(any_value(churned))")).isEqualTo("DOUBLE");
        traffic("stay", "1");
        assertThat(all(join("7d"), "typeof(any_value(churned))")).isEqualTo("VARCHAR");
    }

    @Test
    void withoutLabelsOrKeysThereIsNothingToLearn() throws Exception {
        assertThatThrownBy(() -> join("7d")).isInstanceOfSatisfying(StepFailure.class, failure -> {
            assertThat(failure.reason()).isEqualTo("NoRows");
            assertThat(failure).hasMessageContaining("no prediction of ml/churn in the window has a label");
        });
        traffic("0", "1");
        assertThatThrownBy(() -> join("11h")).hasMessageContaining("no prediction");
        assertThatThrownBy(() -> join("7d", USERS.replace("joinKey: user_id", "joinKey: customer")))
                .hasMessageContaining("brought the keys shop, user_id, and none of customer");

        put(
                "ledger/ml/churn/rev0/2024-01-09/12/churn-a-0123456789ab-0.parquet",
                PodFiles.ledger(folder, "2024-01-09", "rev0", """
                        select 43200 + i as second, 'r' || i as request_id, 0::int as "row", 'stay' as prediction,
                               0.5::double as score from range(50) t(i)"""));
        store.delete(root.resolve("ledger/ml/churn/rev1/2024-01-09/12/churn-a-0123456789ab-1.parquet"));
        assertThatThrownBy(() -> join("7d"))
                .hasMessageContaining("none of the 50 predictions of ml/churn with a label brought keys");
    }
}
