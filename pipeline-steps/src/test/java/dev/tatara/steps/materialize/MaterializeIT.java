package dev.tatara.steps.materialize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactEntry;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.S3Scene;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;

/** The packaged command, with files and store on S3. */
class MaterializeIT extends S3Scene {
    private static final String VIEW = """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: user-activity, namespace: shop}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features: [{name: amount, type: DOUBLE}]
              source: {uri: 's3://raw/day=*/part-*.parquet', timestampColumn: seen_at}
              checks: [{type: NullRatio, column: amount, max: 0}, {type: Freshness, maxAge: 1h, onFailure: Log}]
            """;

    private Path view;

    @BeforeAll
    static void writeRows() throws Exception {
        for (var day = 1; day <= 3; day++) {
            for (var part = 0; part < 2; part++) {
                var file = shared.resolve("part.parquet");
                Workbench.sql(("copy (select i * 2 + %d as user_id, i / 3 as amount,"
                                + " timestamptz '2026-01-0%d' + i * interval 1 second as seen_at"
                                + " from range(20000) r(i)) to '%s'")
                        .formatted(part, day, file));
                bucket.put(new S3("raw", "day=" + day + "/part-" + part + ".parquet"), file);
            }
        }
        bucket.put(new S3("raw", "day=1/_SUCCESS"), new byte[0]);
    }

    @BeforeEach
    void prepare() throws Exception {
        view = Files.writeString(folder.resolve("view.yaml"), VIEW);
    }

    @Test
    void rowsOnS3BecomeSnapshotsOnS3() throws Exception {
        var arguments = arguments("s3://tatara/whole", "2026-01-02T00:00:00Z", "--result-key", "runs/1/result.json");
        var first = steps.run(arguments);

        assertThat(first.exitCode()).as(first.output()).isZero();
        var details = result(first).details();
        assertThat(details.rows()).isEqualTo(40_002);
        assertThat(details.entities()).isEqualTo(40_000);
        assertThat(details.uri()).isEqualTo("s3://tatara/whole/features/shop/user-activity/snapshots/00000001.json");
        assertThat(details.checks()).hasSize(2);
        assertThat(first.output()).contains("found 6 files");
        assertThat(steps.temporary()).isEmptyDirectory();
        assertThat(new String(
                        bucket.read(new S3("tatara", "whole/runs/1/result.json"), 10_000), StandardCharsets.UTF_8))
                .isEqualTo(first.terminationMessage());

        assertThat(steps.run(arguments).output()).contains("found the result of an earlier run");

        var second = result(steps.run(arguments("s3://tatara/whole", "2026-01-04T00:00:00Z")));
        assertThat(second.details().rows()).isEqualTo(120_000);
        assertThat(second.details().number()).isEqualTo(2);
    }

    @Test
    void killedAtAnyTimeTheNextRunEndsTheSame() throws Exception {
        var end = "2026-01-04T00:00:00Z";
        var start = System.nanoTime();
        assertThat(steps.run(arguments("s3://tatara/undisturbed", end)).exitCode())
                .isZero();
        var duration = System.nanoTime() - start;
        var expected = contents("undisturbed/");
        var random = new Random(5);
        for (var kill = 0; kill < 3; kill++) {
            var store = "killed-" + kill;
            var process = steps.start(arguments("s3://tatara/" + store, end));
            if (!process.waitFor((long) (duration * (0.3 + 0.7 * random.nextDouble())), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
            var ended = steps.run(arguments("s3://tatara/" + store, end));

            assertThat(ended.exitCode()).as(ended.output()).isZero();
            assertThat(contents(store + "/")).isEqualTo(expected);
        }
    }

    @Test
    void theNewestRowOfEachKeyGoesToRedis() throws Exception {
        Files.writeString(view, VIEW + "  online: {enabled: true, keyTtl: 1d, redis: {secretRef: {name: redis}}}\n");
        try (var redis = RedisServer.startWith()) {
            var redisSecret = redis.writeSecret(folder.resolve("redis-secret")).toString();
            var arguments = arguments("s3://tatara/online", "2026-01-02T00:00:00Z", "--redis-credentials", redisSecret);
            var first = steps.run(arguments);
            assertThat(first.exitCode()).as(first.output()).isZero();
            assertThat(result(first).details().onlineWritten()).isEqualTo(40_000);
            assertThat(redis.command(Command.DBSIZE)).isEqualTo(40_000L);

            redis.stop();
            redis.start();
            var again = steps.run(arguments);
            assertThat(result(again).details().onlineWritten())
                    .as("a run that is repeated up to the same time mends an online store that lost everything")
                    .isEqualTo(40_000);
            assertThat(result(again).details().rowsWritten()).isZero();
        }
    }

    @Test
    void whatIsWrongIsSaidInTheResult() throws Exception {
        Files.writeString(view, VIEW.replace("name: amount", "name: nope").replace("column: amount", "column: nope"));
        var rejected = steps.run(arguments("s3://tatara/wrong", "2026-01-02T00:00:00Z"));
        assertThat(rejected.exitCode()).as(rejected.output()).isEqualTo(2);
        assertThat(result(rejected).reason()).isEqualTo("ColumnsMissing");

        Files.writeString(view, VIEW.replace("s3://raw/", "s3://nowhere/"));
        var failed = steps.run(arguments("s3://tatara/wrong", "2026-01-02T00:00:00Z"));
        assertThat(failed.exitCode()).isEqualTo(3);
        assertThat(result(failed).outcome()).isEqualTo(Outcome.Failed);
        assertThat(contents("wrong/")).isEmpty();
    }

    @Test
    void onALaptopFilesAreEnough() throws Exception {
        Files.writeString(folder.resolve("rows.csv"), "user_id,amount,seen_at\n1,1.5,2026-01-01\n");
        var ended = steps.run(List.of(
                "materialize",
                "--view",
                view.toString(),
                "--source",
                "file://" + folder.resolve("*.csv"),
                "--store",
                "file://" + folder.resolve("store"),
                "--end",
                "2026-01-02T00:00:00Z"));

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(folder.resolve("store/features/shop/user-activity/snapshots/00000001.json"))
                .exists();

        var help = steps.run(List.of("materialize", "--help"));
        assertThat(help.output()).contains("--view", "--full", "On a laptop:");
    }

    private List<String> arguments(String store, String end, String... more) {
        var arguments = new ArrayList<>(List.of(
                "materialize",
                "--view",
                view.toString(),
                "--store",
                store,
                "--store-credentials",
                secret.toString(),
                "--end",
                end,
                "--memory",
                "256Mi"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static StepResult<Materialized> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), Materialized.class);
    }

    private static Map<String, String> contents(String prefix) throws Exception {
        var found = new TreeMap<String, String>();
        for (ArtifactEntry entry :
                bucket.list(new S3("tatara", prefix), null, 1000).entries()) {
            var key = ((S3) entry.uri()).key().substring(prefix.length());
            found.put(key, bucket.digest(entry.uri(), Long.MAX_VALUE).sha256());
        }
        return found;
    }
}
