package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.JoinedDataset.Part;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.S3Scene;
import dev.tatara.steps.StepRunner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged command against an S3 store. */
class JoinIT extends S3Scene {
    private static final String RESULT_KEY = "runs/ml/churn/1/join/result.json";

    private ArtifactUri root;
    private Path view;
    private Path job;

    @BeforeEach
    void prepare() throws Exception {
        root = ArtifactUri.parse("s3://tatara/" + folder.getFileName());
        var stored = new StoredView(bucket, root, folder, "users");
        view = stored.define("""
                entities: [{name: user_id, type: INT64}]
                features: [{name: logins, type: INT64, defaultValue: "0"}, {name: spent, type: DOUBLE}]
                ttl: 30d
                source: {uri: "s3://raw/users.parquet", timestampColumn: happened}
                """);
        stored.snapshot(
                "select (i % 100)::bigint as user_id, timestamptz '2024-01-01 00:00:00Z' + to_hours((i // 100)::int)"
                        + " as happened, i::bigint as logins, i / 10 as spent from range(5000) r(i) order by 1, 2");
        try (var rows = new Rows(folder, folder.resolve("spill"))) {
            var labels = rows.file(
                    "select (i % 110)::bigint as user_id, timestamp '2024-01-02 00:00:00' + to_minutes((i % 997)::int)"
                            + " as event_timestamp, i % 3 = 0 as churned from range(10_000) r(i)");
            bucket.put(ArtifactUri.parse("s3://raw/labels.parquet"), labels);
        }
        job = Files.writeString(folder.resolve("job.yaml"), """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: churn, namespace: ml}
                spec:
                  model: churn
                  dataset:
                    entities: {uri: "s3://raw/labels.parquet", labelColumn: churned}
                    featureViews: [{name: users}]
                    split: {by: Stratified, seed: 7}
                """);
    }

    private Ended run(String... further) throws Exception {
        var arguments = new ArrayList<>(List.of(
                "join",
                "--job",
                job.toString(),
                "--view",
                view.toString(),
                "--store",
                root.external(),
                "--store-credentials",
                secret.toString(),
                "--output",
                "runs/ml/churn/1/dataset",
                "--result-key",
                RESULT_KEY,
                "--memory",
                "256Mi"));
        arguments.addAll(List.of(further));
        return steps.run(arguments);
    }

    private static StepResult<JoinedDataset> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), JoinedDataset.class);
    }

    @Test
    void aRunsDatasetIsInTheStoreAndTheResultSaysWhere() throws Exception {
        var first = run();

        assertThat(first.exitCode()).as(first.output()).isZero();
        var dataset = result(first).details();
        assertThat(dataset.entityRows()).isEqualTo(10_000);
        assertThat(dataset.parts().stream().map(Part::name)).containsExactly("train", "validation", "test");
        for (var part : dataset.parts()) {
            assertThat(part.uri())
                    .isEqualTo(root.resolve("runs/ml/churn/1/dataset/" + part.name() + ".parquet")
                            .external());
            var bytes = bucket.read(ArtifactUri.parse(part.uri()), 64 << 20);
            assertThat(Sha256.of(bytes).sha256()).isEqualTo(part.sha256());
        }
        assertThat(dataset.views().getFirst().matched()).isBetween(9_000L, 9_200L);
        var kept = new String(bucket.read(root.resolve(RESULT_KEY), 1 << 20), StandardCharsets.UTF_8);
        assertThat(StepResultCodec.fromJson(kept, JoinedDataset.class)).isEqualTo(result(first));

        var second = run();
        assertThat(second.output()).contains("found the result of an earlier run");
        assertThat(result(second)).isEqualTo(result(first));
        // With other threads, the same bytes.
        var third = run("--force", "--threads", "1");
        assertThat(third.exitCode()).as(third.output()).isZero();
        assertThat(result(third)).isEqualTo(result(first));
        // What was lost is made anew.
        bucket.delete(ArtifactUri.parse(dataset.parts().getLast().uri()));
        var fourth = run();
        assertThat(fourth.output()).doesNotContain("found the result");
        assertThat(result(fourth)).isEqualTo(result(first));
    }

    @Test
    void whatIsMissingFailsAndWhatIsWrongIsRejected() throws Exception {
        var nowhere = run("--entities", "s3://raw/none.parquet");
        assertThat(nowhere.exitCode()).isEqualTo(StepRunner.EXIT_FAILED);
        assertThat(result(nowhere).reason()).isEqualTo("SourceNotFound");
        var wrong = run("--timestamp-column", "when");
        assertThat(wrong.exitCode()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertThat(result(wrong).outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result(wrong).message()).contains("when", "user_id, event_timestamp, churned");
    }
}
