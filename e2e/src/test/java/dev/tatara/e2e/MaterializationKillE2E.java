package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.OnlineStore;
import dev.tatara.e2e.cluster.PodKill;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.features.OnlineFeatures;
import dev.tatara.e2e.features.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Materializations whose pods are killed at random moments, the operator too, leave the same snapshot and the same Redis
 * as undisturbed ones. All views read the same rows; {@code -De2e.seed=} repeats a draw.
 */
@OnCluster
@ResourceLock("operator")
class MaterializationKillE2E {
    private static final int AT_ONCE = 4;
    private static final int ROWS = 160_000;
    private static final int USERS = 40_000;
    private static final int FEATURES = 10;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<String> NAMES =
            IntStream.range(0, FEATURES).mapToObj(feature -> "f" + feature).toList();

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final OnlineStore redis;

    private Duration usual = Duration.ZERO;
    private String snapshot = "";
    private Map<String, Map<String, String>> online = Map.of();

    MaterializationKillE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.redis = cluster.onlineStore();
    }

    /** As many at once as later with kills, so that they take about as long; and two must be the same, or nothing is. */
    @BeforeAll
    void undisturbed() {
        namespace.createSecret("redis", namespace.redisCredentials());
        cluster.store().put(namespace.key("raw/rows.csv"), rows().getBytes(StandardCharsets.UTF_8));
        var views = views("calm");
        var seen = new LinkedHashMap<String, Instant>();
        var ended = new LinkedHashMap<String, Instant>();
        apply(views);
        await("materializations")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    for (var view : views) {
                        firstPod(view).ifPresent(pod -> {
                            seen.putIfAbsent(view, Instant.now());
                            if (List.of("Succeeded", "Failed")
                                    .contains(pod.getStatus().getPhase())) {
                                ended.putIfAbsent(view, Instant.now());
                            }
                        });
                    }
                    return ended.size() == views.size();
                });
        usual = views.stream()
                .map(view -> Duration.between(seen.get(view), ended.get(view)))
                .min(Duration::compareTo)
                .orElseThrow();
        for (var view : views) {
            isReady(view);
        }
        snapshot = snapshots(views.getFirst()).content(1);
        online = onlineFeatures(views.getFirst()).all();
        assertThat(online).hasSize(USERS);
        views.forEach(this::isAsUndisturbed);
        forget(views);
    }

    @AfterAll
    void restore() {
        redis.close();
        await("operator").atMost(Cluster.LIMIT).until(() -> cluster.operator().isReady());
    }

    @Test
    void killsLeaveNoTrace() {
        kill("killed", 3);
    }

    @Tag("long")
    @RepeatedTest(5)
    void killsNeverLeaveATrace(RepetitionInfo repetition) {
        kill("killed-again-" + repetition.getCurrentRepetition(), 4);
    }

    /** Rounds of views at once until so many pods were killed before their end. */
    private void kill(String name, int wanted) {
        var seed = Long.getLong("e2e.seed", System.nanoTime());
        var random = new Random(seed);
        var struck = 0;
        for (var round = 1; struck < wanted; round++) {
            assertThat(round)
                    .as("rounds for %d kills within %s of a pod, seed %d", wanted, usual, seed)
                    .isLessThanOrEqualTo(3);
            struck += round(name + "-" + round, random, seed);
        }
    }

    private int round(String name, Random random, long seed) {
        var kills = new LinkedHashMap<String, PodKill>();
        views(name).forEach(view -> kills.put(view, PodKill.draw(cluster, random, usual)));
        var operatorAfter = usual.multipliedBy(random.nextInt(1000)).dividedBy(1000);
        var began = System.nanoTime();
        var operator = new ArrayList<Duration>();
        apply(List.copyOf(kills.keySet()));
        await("kills, seed " + seed)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    kills.forEach((view, kill) -> kill.look(firstPod(view)));
                    if (operator.isEmpty() && System.nanoTime() - began >= operatorAfter.toNanos()) {
                        cluster.operator().kill();
                        operator.add(operatorAfter);
                    }
                    return !operator.isEmpty() && kills.values().stream().allMatch(PodKill::isOver);
                });
        System.out.printf(
                "materializations of some %d ms, seed %d: %s; operator after %d ms%n",
                usual.toMillis(), seed, kills, operatorAfter.toMillis());
        for (var view : kills.keySet()) {
            isReady(view);
            isAsUndisturbed(view);
        }
        forget(kills.keySet());
        return (int) kills.values().stream().filter(PodKill::hasStruck).count();
    }

    /** Makes room for the next: the views go, and their rows in Redis. */
    private void forget(Collection<String> views) {
        views.forEach(view -> namespace.delete("FeatureView", view));
        redis.forgetKeysEndingWith(namespace.name());
    }

    private void isReady(String view) {
        await("FeatureView " + view)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    var object = namespace.featureView(view);
                    assertThat(object.phase()).as("%s", object.status()).isEqualTo("Ready");
                    object.hasCondition("Progressing", "False", "Complete");
                    assertThat(object.status("materialization", "number")).isEqualTo(1);
                    assertThat(object.status("rows")).isEqualTo(ROWS);
                    assertThat(object.status("entitiesCount")).isEqualTo(USERS);
                });
    }

    /** One snapshot of the same bytes, no file more than it names, the same Redis, one Job left. */
    private void isAsUndisturbed(String view) {
        assertThat(snapshots(view).content(1)).as("snapshot of %s", view).isEqualTo(snapshot);
        snapshots(view).areAllThereIs(1);
        assertThat(onlineFeatures(view).all().equals(online))
                .as("Redis holds of %s what it holds of an undisturbed view", view)
                .isTrue();
        await("Jobs of " + view).atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        namespace.jobs(Map.of("mlops.tatara.dev/featureview", view)))
                .hasSize(1));
    }

    /** The pod of the first attempt that came first. */
    private Optional<Pod> firstPod(String view) {
        return namespace.pods(Map.of("mlops.tatara.dev/featureview", view, "mlops.tatara.dev/attempt", "1")).stream()
                .min((one, other) -> one.getMetadata()
                        .getCreationTimestamp()
                        .compareTo(other.getMetadata().getCreationTimestamp()));
    }

    private Snapshots snapshots(String view) {
        return new Snapshots(cluster.store(), namespace.name(), view);
    }

    private OnlineFeatures onlineFeatures(String view) {
        return new OnlineFeatures(redis, namespace.name(), view, "user_id", NAMES);
    }

    private static List<String> views(String name) {
        return IntStream.rangeClosed(1, AT_ONCE)
                .mapToObj(number -> name + "-" + number)
                .toList();
    }

    private void apply(List<String> views) {
        namespace.apply(views.stream().map(this::manifest).collect(Collectors.joining("---\n")));
    }

    private String manifest(String view) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: %s}
            spec:
              entities: [{name: user, joinKey: user_id, type: INT64}]
              features: [%s]
              source:
                uri: "s3://models/%s/*.csv"
                timestampColumn: at
              online: {enabled: true, redis: {secretRef: {name: redis}}}
            """.formatted(
                        view,
                        NAMES.stream()
                                .map(feature -> "{name: " + feature + ", type: DOUBLE}")
                                .collect(Collectors.joining(", ")),
                        namespace.key("raw"));
    }

    /** Four rows of each user on different days, in no order. */
    private static String rows() {
        var random = new Random(20_261_121);
        var rows = new StringBuilder("user_id,at," + String.join(",", NAMES) + "\n");
        for (var row = 0; row < ROWS; row++) {
            var user = (int) (row * 7_919L % USERS) + 1;
            var day = 1 + row / USERS;
            rows.append(user).append(",2026-01-0").append(day).append("T00:00:00Z");
            for (var feature = 0; feature < FEATURES; feature++) {
                rows.append(',').append(random.nextInt(1_000_000) / 1_000.0);
            }
            rows.append('\n');
        }
        return rows.toString();
    }
}
