package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.OnlineStore;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.features.OnlineFeatures;
import dev.tatara.e2e.features.Snapshots;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong with features: bad rows are kept out, each view says what is wrong and what to do, and what is the
 * fault of the surroundings heals by itself.
 */
@OnCluster
class FeatureViewTroubleE2E {
    private static final String GOOD = "user_id,at,age\n1,2026-01-01T00:00:00Z,20\n2,2026-01-01T00:00:00Z,30\n";
    private static final String MORE = "3,2026-01-02T00:00:00Z,%s\n1,2026-01-02T00:00:00Z,21\n";

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final OnlineStore redis;
    private final Map<String, CustomObject> verdicts = new HashMap<>();

    FeatureViewTroubleE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.redis = cluster.onlineStore();
    }

    /** Applies them all, keeps the first verdict on each, then takes away the causes that go without the user's word. */
    @BeforeAll
    void areJudged() {
        put("blocked", GOOD + MORE.formatted("200"));
        put("unfitting", GOOD + MORE.formatted("old"));
        put("keyless", GOOD);
        put("nonsense", GOOD);
        put("guarded", GOOD);
        namespace.createSecret("redis", namespace.redisCredentials());
        var names = List.of("blocked", "unfitting", "homeless", "keyless", "guarded", "nonsense");
        var stories =
                names.stream().collect(Collectors.toMap(name -> name, name -> namespace.storyOf("FeatureView", name)));
        namespace.apply(String.join(
                "---\n",
                view("blocked", source("blocked"), checked() + online("redis")),
                view("unfitting", source("unfitting"), ""),
                view("homeless", "uri: \"s3://" + bucket() + "/*.csv\"", ""),
                view("keyless", source("keyless"), online("late-redis")),
                view("guarded", source("guarded") + ", secretRef: {name: guard}", ""),
                view("nonsense", source("nonsense"), schedule("61 12 * * *"))));
        stories.forEach((name, story) -> {
            try (story) {
                verdicts.put(
                        name,
                        story.awaitFirst("a verdict on " + name, FeatureViewTroubleE2E::isJudged)
                                .object());
            }
        });
        cluster.store().createBucket(bucket());
        cluster.store().put(bucket(), "rows.csv", GOOD.getBytes(StandardCharsets.UTF_8));
        namespace.createSecret("late-redis", namespace.redisCredentials());
        namespace.createSecret("guard", namespace.storeCredentials());
    }

    @AfterAll
    void disconnect() {
        redis.close();
    }

    @Test
    void blockingCheckKeepsEverythingOut() {
        var verdict = verdicts.get("blocked");
        assertThat(verdict.phase()).isEqualTo("Blocked");
        verdict.hasCondition("Ready", "False", "ChecksFailed", "nothing was written", "age", "200")
                .hasCondition("ChecksPassed", "False", "ChecksFailed", "Range", "age")
                .hasCondition("Stalled", "True", "ChecksFailed", "kubectl annotate fv blocked");
        assertThat(String.valueOf(verdict.status("checks"))).contains("violations=1", "onFailure=Block");
        var snapshots = new Snapshots(cluster.store(), namespace.name(), "blocked");
        var online = onlineFeatures("blocked");
        assertThat(snapshots.keys()).isEmpty();
        assertThat(online.all()).isEmpty();

        put("blocked", GOOD);
        ask("blocked", "mended");
        assertThat(succeeded("blocked", 2).phase()).isEqualTo("Ready");
        snapshots.areAllThereIs(1);
        var first = online.all();
        assertThat(first).hasSize(2);

        // A view that has features keeps them.
        put("blocked", GOOD + MORE.formatted("-1"));
        ask("blocked", "spoilt");
        var again = namespace.awaitFeatureView(
                "blocked", view -> assertThat(view.phase()).isEqualTo("Blocked"));
        again.hasCondition("Ready", "True", "Materialized", "snapshot 1").hasCondition("ChecksPassed", "False");
        snapshots.areAllThereIs(1);
        assertThat(online.all()).isEqualTo(first);

        put("blocked", GOOD + MORE.formatted("40"));
        ask("blocked", "mended-again");
        succeeded("blocked", 4).hasCondition("ChecksPassed", "True");
        snapshots.areAllThereIs(1, 2);
        assertThat(online.row(3)).isEqualTo(online.expected(Instant.parse("2026-01-02T00:00:00Z"), 40L));
        assertThat(online.row(2)).isEqualTo(online.expected(Instant.parse("2026-01-01T00:00:00Z"), 30L));
    }

    @Test
    void valuesThatDontFitAreNamed() {
        var verdict = verdicts.get("unfitting");
        assertThat(verdict.phase()).isEqualTo("Failed");
        verdict.hasCondition("Ready", "False", "ValuesDoNotFit", "age", "old").hasCondition("Stalled", "True");
        assertThat(attempts(verdict)).isEqualTo(1);
        put("unfitting", GOOD);
        ask("unfitting", "mended");
        assertThat(succeeded("unfitting", 2).condition("Stalled")).isEmpty();
    }

    @Test
    void bucketThatIsMissingIsWaitedFor() {
        var verdict = verdicts.get("homeless");
        assertThat(verdict.phase()).isEqualTo("Failed");
        verdict.hasCondition("Ready", "False", "SourceNotFound", bucket())
                .hasCondition("Progressing", "True", "SourceNotFound", "Attempt");
        assertThat(verdict.condition("Stalled")).isEmpty();
        heals("homeless");
    }

    @Test
    void secretOfRedisThatIsMissingIsWaitedFor() {
        var verdict = verdicts.get("keyless");
        assertThat(verdict.phase()).isEqualTo("Pending");
        verdict.hasCondition("Progressing", "True", "SecretMissing", "late-redis");
        heals("keyless");
        assertThat(onlineFeatures("keyless").all()).hasSize(2);
    }

    @Test
    void secretOfTheSourceThatIsMissingIsWaitedFor() {
        var verdict = verdicts.get("guarded");
        assertThat(verdict.phase()).isEqualTo("Pending");
        verdict.hasCondition("Progressing", "True", "SecretMissing", "guard", "AWS_ACCESS_KEY_ID");
        heals("guarded");
    }

    @Test
    void scheduleThatNamesNoTimesIsRefused() {
        var verdict = verdicts.get("nonsense");
        assertThat(verdict.phase()).isEqualTo("Failed");
        verdict.hasCondition("Accepted", "False", "InvalidSchedule", "spec.materialization.schedule", "61")
                .hasCondition("Stalled", "True", "InvalidSchedule");
        assertThat(namespace.jobs(Map.of("mlops.tatara.dev/featureview", "nonsense")))
                .isEmpty();
        assertThat(namespace.kubectl("describe", "fv", "nonsense").succeeded()).containsPattern("Warning +NotAccepted");

        // What doesn't even look like a schedule, the schema keeps out.
        assertThatThrownBy(() -> namespace.apply(view("words", source("nonsense"), schedule("every day at noon"))))
                .hasMessageContaining("spec.materialization.schedule.cron");
        namespace.apply(view("nonsense", source("nonsense"), schedule("0 12 * * *")));
        var mended = succeeded("nonsense", 1);
        mended.hasCondition("Accepted", "True");
        assertThat(mended.condition("Stalled")).isEmpty();
        assertThat(String.valueOf(mended.status("nextScheduleTime"))).endsWith("T12:00:00Z");
    }

    /** An attempt has ended, or none will begin; a later attempt isn't under way yet. */
    private static boolean isJudged(CustomObject view) {
        return view.condition("Stalled").isPresent()
                || (view.status("materialization", "lastOutcome") != null
                        && !view.phase().equals("Materializing"));
    }

    /** By itself, with an attempt later than the first of the first materialization. */
    private void heals(String name) {
        var healed = succeeded(name, 1);
        healed.hasCondition("Ready", "True");
        assertThat(healed.phase()).isEqualTo("Ready");
        assertThat(attempts(healed)).isGreaterThan(1);
        assertThat(healed.status("rows")).isEqualTo(2);
        new Snapshots(cluster.store(), namespace.name(), name).areAllThereIs(1);
    }

    private CustomObject succeeded(String name, int number) {
        return namespace.awaitFeatureView(name, view -> {
            assertThat(view.status("materialization", "number")).isEqualTo(number);
            assertThat(view.status("materialization", "lastOutcome"))
                    .as("outcome in %s", view.status())
                    .isEqualTo("Succeeded");
            assertThat(view.status("materialization", "finishedAt")).isNotNull();
        });
    }

    private static int attempts(CustomObject view) {
        return (Integer) view.status("materialization", "attempt");
    }

    private void ask(String name, String value) {
        namespace
                .kubectl("annotate", "fv", name, "--overwrite", "mlops.tatara.dev/materialize=" + value)
                .succeeded();
    }

    private void put(String view, String rows) {
        cluster.store().put(namespace.key(view + "/rows.csv"), rows.getBytes(StandardCharsets.UTF_8));
    }

    private String bucket() {
        return "raw-" + namespace.name();
    }

    private String source(String view) {
        return "uri: \"s3://models/" + namespace.key(view) + "/*.csv\"";
    }

    private OnlineFeatures onlineFeatures(String view) {
        return new OnlineFeatures(redis, namespace.name(), view, "user_id", List.of("age"));
    }

    private static String checked() {
        return "  checks: [{type: Range, column: age, min: 0, max: 150, onFailure: Block}]\n";
    }

    private static String online(String secret) {
        return "  online: {enabled: true, redis: {secretRef: {name: %s}}}\n".formatted(secret);
    }

    private static String schedule(String cron) {
        return "  materialization: {schedule: {cron: \"%s\"}}\n".formatted(cron);
    }

    private static String view(String name, String source, String more) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: %s}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features: [{name: age, type: INT64}]
              source: {%s, timestampColumn: at}
            %s""".formatted(name, source, more.isEmpty() ? "" : more);
    }
}
