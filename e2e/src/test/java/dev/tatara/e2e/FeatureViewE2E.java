package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.OnlineStore;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.features.OnlineFeatures;
import dev.tatara.e2e.features.Snapshots;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * From raw files to features: in the status, in the snapshot and in Redis. Each round goes on from the one before: rows
 * that come late, twice, corrected.
 */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FeatureViewE2E {
    private static final int USERS = 50;
    private static final String COLUMNS = "userId,at,created,logins,cents,plan\n";
    private static final Map<String, String> OF_VIEW = Map.of("mlops.tatara.dev/featureview", "activity");

    /** Ten days ago: the rows' times are the same in all rounds of a run of the tests. */
    private final Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(10));

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Snapshots snapshots;
    private final OnlineStore redis;
    private final OnlineFeatures online;

    FeatureViewE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.snapshots = new Snapshots(cluster.store(), namespace.name(), "activity");
        this.redis = cluster.onlineStore();
        this.online = new OnlineFeatures(
                redis, namespace.name(), "activity", "user_id", List.of("logins_7d", "spend_30d", "plan"));
    }

    @AfterAll
    void disconnect() {
        redis.close();
    }

    @Test
    @Order(1)
    void rowsBecomeFeatures() {
        var rows = new StringBuilder(COLUMNS);
        for (var user = 1; user <= USERS; user++) {
            rows.append(row(user, day, 60, user, 100 * user, "free"));
            rows.append(row(user, after(1), 60, 2 * user, 250 * user, user % 2 == 0 ? "paid" : ""));
        }
        // The same event once more, written down later: this one counts.
        rows.append(row(7, after(1), 120, 777, 7_777, "trial"));
        upload("first.csv", rows.toString());
        namespace.createSecret("redis", namespace.redisCredentials());
        namespace.apply(manifest());

        var view = materialized(1);
        assertThat(view.phase()).isEqualTo("Ready");
        view.hasCondition("Ready", "True", "Materialized", "snapshot 1", "100 rows");
        view.hasCondition("Accepted", "True").hasCondition("Progressing", "False", "Complete");
        assertThat(view.condition("Stalled")).isEmpty();
        assertThat(view.status("featuresCount")).isEqualTo(3);
        assertThat(view.status("rows")).isEqualTo(2 * USERS);
        assertThat(view.status("entitiesCount")).isEqualTo(USERS);
        assertThat(view.status("watermark")).isEqualTo(after(1).toString());
        assertThat(view.status("lastMaterialization", "rowsRead")).isEqualTo(2 * USERS + 1);
        assertThat(view.status("lastMaterialization", "rowsWritten")).isEqualTo(2 * USERS);
        // The newest row is that old at the end of the interval.
        var end = Instant.parse(String.valueOf(view.status("materialization", "end")));
        assertThat(Duration.between(after(1), end)).isBetween(Duration.ofDays(9), Duration.ofDays(10));
        assertThat(String.valueOf(view.status("freshness"))).startsWith("9d");

        checksAreJudged(view);
        snapshotIs(view, 1, 1);
        snapshots.areAllThereIs(1);

        assertThat(online.row(1)).isEqualTo(online.expected(after(1), 2L, 2.5, null));
        assertThat(online.row(2)).isEqualTo(online.expected(after(1), 4L, 5.0, "paid"));
        assertThat(online.row(7)).isEqualTo(online.expected(after(1), 777L, 77.77, "trial"));
        assertThat(online.all()).hasSize(USERS);
    }

    /** The alert is said everywhere and keeps nothing from being written. */
    private void checksAreJudged(CustomObject view) {
        assertThat(String.valueOf(view.status("checks")))
                .contains("type=Range", "column=logins_7d", "verdict=Passed")
                .contains("type=DuplicateRatio", "type=Freshness", "verdict=Failed");
        view.hasCondition("ChecksPassed", "False", "ChecksFailed", "Freshness");
        assertThat(namespace.kubectl("describe", "fv", "activity").succeeded())
                .containsPattern("Warning +ChecksFailed")
                .containsPattern("Normal +Materialized");
        await("metrics of activity").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        cluster.operator().metrics().lines().filter(line -> line.contains(namespace.name())))
                .anySatisfy(line ->
                        assertThat(line).startsWith("tatara_feature_view_rows{").endsWith(" 100.0"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("tatara_feature_check_failed{")
                        .contains("Freshness")
                        .endsWith(" 1.0"))
                .anySatisfy(line -> assertThat(line).startsWith("tatara_feature_view_age_seconds{")));
    }

    @Test
    @Order(2)
    void lateAndRepeatedRowsAreTakenRight() {
        var before = namespace.featureView("activity");
        // Known right after the last round's end, which any later round therefore takes.
        var known = Instant.parse(String.valueOf(before.status("materialization", "end")))
                .plusMillis(1);
        upload(
                "second.csv",
                COLUMNS
                        + row(1, after(2), known, 11, 1_100, "free")
                        // Between two rows that are there: in the snapshot, but nothing that serving should see.
                        + row(2, day.plus(Duration.ofHours(12)), known, 22, 2_200, "late")
                        // What was said of that moment is corrected.
                        + row(3, after(1), known, 33, 3_300, "corrected")
                        + row(51, after(2), known, 51, 5_100, "free")
                        // Twice in one round: the later word counts.
                        + row(4, after(2), known.plusMillis(1), 45, 4_500, "second word")
                        + row(4, after(2), known, 44, 4_400, "first word"));
        ask("second");

        var view = materialized(2);
        assertThat(view.status("materialization", "trigger")).isEqualTo("Request");
        assertThat(view.status("handled", "materialize")).isEqualTo("second");
        assertThat(view.status("lastMaterialization", "rowsRead")).isEqualTo(6);
        assertThat(view.status("lastMaterialization", "rowsWritten")).isEqualTo(5);
        assertThat(view.status("rows")).isEqualTo(2 * USERS + 4);
        assertThat(view.status("entitiesCount")).isEqualTo(USERS + 1);
        assertThat(view.status("watermark")).isEqualTo(after(2).toString());
        snapshotIs(view, 2, 2);
        snapshots.areAllThereIs(1, 2);

        assertThat(online.row(1)).isEqualTo(online.expected(after(2), 11L, 11.0, "free"));
        assertThat(online.row(2)).as("a late row").isEqualTo(online.expected(after(1), 4L, 5.0, "paid"));
        assertThat(online.row(3)).isEqualTo(online.expected(after(1), 33L, 33.0, "corrected"));
        assertThat(online.row(4)).isEqualTo(online.expected(after(2), 45L, 45.0, "second word"));
        assertThat(online.row(5)).as("untouched").isEqualTo(online.expected(after(1), 10L, 12.5, null));
        assertThat(online.row(51)).isEqualTo(online.expected(after(2), 51L, 51.0, "free"));
        assertThat(online.all()).hasSize(USERS + 1);
    }

    @Test
    @Order(3)
    void nothingNewChangesNothing() {
        var everything = online.all();
        ask("third");
        var view = materialized(3);
        assertThat(view.status("lastMaterialization", "rowsWritten")).isEqualTo(0);
        assertThat(view.status("snapshot", "number")).isEqualTo(2);
        snapshots.areAllThereIs(1, 2);
        assertThat(online.all()).isEqualTo(everything);
        assertThat(namespace.jobs(OF_VIEW))
                .as("the latest Job stays for its log")
                .singleElement()
                .satisfies(job -> assertThat(job.getMetadata().getName()).isEqualTo("activity-materialize-3-1"));
    }

    @Test
    @Order(4)
    void kubectlTellsTheStory() {
        assertThat(namespace.kubectl("get", "fv", "activity").succeeded())
                .contains("FEATURES", "FRESHNESS", "ROWS", "READY")
                .containsPattern("activity +user +3 +8d\\w* +104 +true +True");
        assertThat(namespace.kubectl("logs", "job/activity-materialize-3-1").succeeded())
                .contains("Succeeded", "snapshot 2");
        assertThat(namespace
                        .kubectl("wait", "--for=condition=Ready", "fv/activity", "--timeout=10s")
                        .succeeded())
                .contains("condition met");
    }

    @Test
    @Order(5)
    void deletionTakesJobsAndLeavesSnapshots() {
        namespace.delete("FeatureView", "activity");
        await("what the view owned").atMost(Cluster.LIMIT).untilAsserted(() -> {
            assertThat(namespace.exists("FeatureView", "activity")).isFalse();
            assertThat(namespace
                            .kubectl(
                                    "get",
                                    "jobs,pods,configmaps",
                                    "-l",
                                    "mlops.tatara.dev/featureview=activity",
                                    "-o",
                                    "name")
                            .succeeded())
                    .isBlank();
            assertThat(cluster.operator().metrics()).doesNotContain(namespace.name());
        });
        snapshots.areAllThereIs(1, 2);
    }

    private void snapshotIs(CustomObject view, int number, int files) {
        assertThat(view.status("snapshot", "number")).isEqualTo(number);
        assertThat(view.status("snapshot", "uri")).isEqualTo(snapshots.uri(number));
        assertThat(view.status("snapshot", "sha256")).isEqualTo(snapshots.sha256(number));
        var catalog = snapshots.catalog(number);
        assertThat(catalog.path("rows").asInt()).isEqualTo(view.status("rows"));
        assertThat(catalog.path("entities").asInt()).isEqualTo(view.status("entitiesCount"));
        assertThat(catalog.path("files")).hasSize(files);
        assertThat(snapshots.content(number)).isNotBlank();
    }

    /** Waits until a materialization ended well. */
    private CustomObject materialized(int number) {
        return namespace.awaitFeatureView("activity", view -> {
            assertThat(view.status("materialization", "number")).isEqualTo(number);
            assertThat(view.status("materialization", "lastOutcome"))
                    .as("outcome in %s", view.status())
                    .isEqualTo("Succeeded");
            assertThat(view.status("materialization", "finishedAt")).isNotNull();
        });
    }

    private void ask(String value) {
        namespace
                .kubectl("annotate", "fv", "activity", "--overwrite", "mlops.tatara.dev/materialize=" + value)
                .succeeded();
    }

    private void upload(String file, String rows) {
        cluster.store().put(namespace.key("activity/" + file), rows.getBytes(StandardCharsets.UTF_8));
    }

    private Instant after(int days) {
        return day.plus(Duration.ofDays(days));
    }

    private static String row(int user, Instant at, int secondsLater, int logins, int cents, String plan) {
        return row(user, at, at.plusSeconds(secondsLater), logins, cents, plan);
    }

    private static String row(int user, Instant at, Instant created, int logins, int cents, String plan) {
        return "%d,%s,%s,%d,%d,%s%n".formatted(user, at, created, logins, cents, plan);
    }

    private String manifest() {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: activity}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features:
                - {name: logins_7d, type: INT64}
                - {name: spend_30d, type: DOUBLE}
                - {name: plan, type: STRING}
              source:
                uri: "s3://models/%s/*.csv"
                timestampColumn: event_timestamp
                createdTimestampColumn: created
                fieldMapping: {userId: user_id, at: event_timestamp, logins: logins_7d}
                sql: select *, cents / 100 as spend_30d from source
              checks:
                - {type: Range, column: logins_7d, min: 0, max: 1000, onFailure: Block}
                - {type: DuplicateRatio, max: 0.5, onFailure: Log}
                - {type: Freshness, maxAge: 1h, onFailure: Alert}
              online: {enabled: true, redis: {secretRef: {name: redis}}}
            """.formatted(namespace.key("activity"));
    }
}
