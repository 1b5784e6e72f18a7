package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.drift.Watched;
import dev.tatara.e2e.monitoring.Alertmanager;
import dev.tatara.e2e.monitoring.Gauges;
import dev.tatara.e2e.monitoring.Prometheus;
import dev.tatara.e2e.training.Trainings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A rule of a real Prometheus fires, a real Alertmanager posts it to the operator, a policy asks for a run, and the run
 * begins: once, whatever is posted again and whenever the operator is killed. {@code -De2e.seed=} repeats a draw.
 */
@OnCluster
@ResourceLock("operator")
class AlertsE2E {
    private static final Duration LIMIT = Cluster.LIMIT;
    private static final double ALARMING = 0.42;
    private static final double QUIET = 0.1;

    /** Where between the alert and the run the operator is killed. */
    private enum Killed {
        /** The alert is noted and nothing is asked for yet: the policy is suspended until then. */
        BeforeItAsks,
        /** A run is asked for, and nobody is there yet to begin it. */
        BeforeTheRun,
        /** At a moment drawn from the two seconds after the figure that the rule is about. */
        Sometime
    }

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Watched watched;

    private Gauges scores;
    private Alertmanager alertmanager;
    private Prometheus prometheus;

    AlertsE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.watched = new Watched(cluster, namespace);
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        scores = Gauges.start("model_drift_score", namespace.name());
        alertmanager = Alertmanager.start(cluster, folder);
        prometheus = Prometheus.alerting(folder, scores, """
                groups:
                  - name: drift
                    rules:
                      - {alert: HighModelDrift, expr: model_drift_score > 0.3, labels: {severity: critical}}
                """, alertmanager);
    }

    @AfterAll
    void stop() {
        for (var server : Arrays.asList(prometheus, alertmanager, scores)) {
            close(server);
        }
        await("operator").atMost(LIMIT).until(() -> cluster.operator().isReady());
    }

    private static void close(AutoCloseable server) {
        try {
            if (server != null) {
                server.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aRuleFiresAndARunBeginsOnce() {
        namespace.apply(training("noisy"));
        namespace.apply(policy("noisy", ""));
        scores.set("noisy", ALARMING);
        var first = awaitRun("noisy");
        assertThat(alert(first)).containsEntry("alertname", "HighModelDrift").containsEntry("status", "firing");
        assertThat(String.valueOf(Watched.trigger(first, "retrain").get("reason")))
                .contains("HighModelDrift");

        // What still fires is posted each second.
        var posts = posts();
        await("posts").atMost(LIMIT).until(() -> posts() >= posts + 3);
        actedOnce("noisy");

        scores.set("noisy", QUIET);
        var resolved = awaitPolicy("noisy", policy -> assertThat(alert(policy)).containsEntry("status", "resolved"));
        assertThat(resolved.status("alertsCount")).isEqualTo(0);

        scores.set("noisy", ALARMING);
        var again = awaitPolicy("noisy", policy -> {
            assertThat(alert(policy)).containsEntry("status", "firing");
            assertThat(String.valueOf(action(policy).get("message"))).contains("cooldown");
        });
        assertThat(alert(again).get("fingerprint")).isEqualTo(alert(first).get("fingerprint"));
        assertThat(startOf(again)).isAfter(startOf(first));
        assertThat((List<?>) again.status("alerts")).hasSize(1);
        actedOnce("noisy");
        scores.set("noisy", QUIET);
    }

    @ParameterizedTest
    @EnumSource(Killed.class)
    void killedInBetweenNothingIsLostAndNothingDoubled(Killed where) {
        kill(where.name().toLowerCase(Locale.ROOT), where, new Random(seed()));
    }

    /** Seventeen kills beside the three. */
    @Tag("long")
    @RepeatedTest(17)
    void killedAgainNothingIsLostAndNothingDoubled(RepetitionInfo repetition) {
        var number = repetition.getCurrentRepetition();
        var random = new Random(seed() + number);
        kill("again-" + number, Killed.values()[number % Killed.values().length], random);
    }

    private static long seed() {
        return Long.getLong("e2e.seed", System.nanoTime());
    }

    private void kill(String name, Killed where, Random random) {
        var delay = Duration.ofMillis(random.nextInt(2000));
        if (where != Killed.BeforeTheRun) {
            namespace.apply(training(name));
        }
        namespace.apply(policy(name, where == Killed.BeforeItAsks ? "suspend: true" : ""));
        var began = System.nanoTime();
        scores.set(name, ALARMING);
        switch (where) {
            case BeforeItAsks -> {
                var noted =
                        awaitPolicy(name, policy -> assertThat(alert(policy)).containsEntry("status", "firing"));
                assertThat(Watched.trigger(noted, "retrain")).isEmpty();
                cluster.operator().kill();
                namespace.apply(policy(name, "suspend: false"));
            }
            case BeforeTheRun -> {
                awaitPolicy(name, policy -> assertThat(Watched.trigger(policy, "retrain"))
                        .containsEntry("state", "Pending"));
                cluster.operator().kill();
                namespace.apply(training(name));
            }
            case Sometime -> {
                System.out.printf("operator killed %d ms after the figure%n", delay.toMillis());
                await("moment of the kill")
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> System.nanoTime() - began >= delay.toNanos());
                cluster.operator().kill();
            }
        }
        awaitRun(name);
        scores.set(name, QUIET);
        awaitPolicy(name, policy -> {
            assertThat(alert(policy)).containsEntry("status", "resolved");
            assertThat((List<?>) policy.status("alerts")).hasSize(1);
        });
        actedOnce(name);
    }

    /** Waits until what the policy asked for was answered by a run that has ended; it finds no rows, and fails. */
    private CustomObject awaitRun(String name) {
        var policy = awaitPolicy(name, object -> assertThat(Watched.trigger(object, "retrain"))
                .as("%s", object.status())
                .containsEntry("state", "Handled"));
        var job = new Trainings(cluster, namespace).awaitRun(name, 1, "Failed");
        assertThat(Trainings.run(job, 1).get("trigger")).isEqualTo("DriftPolicy/" + name);
        return policy;
    }

    private void actedOnce(String name) {
        var policy = namespace.driftPolicy(name);
        assertThat(action(policy)).as("%s", policy.status()).containsEntry("taken", 1);
        assertThat(namespace.trainingJob(name).status("latestRun")).isEqualTo(1);
    }

    private CustomObject awaitPolicy(String name, Consumer<CustomObject> assertion) {
        return namespace.awaitDriftPolicy(name, LIMIT, assertion);
    }

    /** A training that begins for this policy alone, and ends soon. */
    private String training(String name) {
        return watched.training(name, "no-such-rows.csv", "{policies: [%s]}".formatted(name), 0.5);
    }

    private static String policy(String name, String more) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: DriftPolicy
            metadata: {name: %1$s}
            spec:
              target: {inferenceService: %1$s}
              alerts: {matchLabels: {alertname: HighModelDrift, service: %1$s}}
              cooldown: 1h
              actions: [{name: retrain, when: [Alert], then: Retrain, approval: Automatic}]
              %2$s
            """.formatted(name, more);
    }

    /** Posts that the operator kept. */
    private double posts() {
        return cluster.operator()
                .metrics()
                .lines()
                .filter(line -> line.startsWith("tatara_alert_posts_total") && line.contains("code=\"200\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static Map<String, Object> alert(CustomObject policy) {
        return firstOf(policy, "alerts");
    }

    private static Map<String, Object> action(CustomObject policy) {
        return firstOf(policy, "actions");
    }

    private static Map<String, Object> firstOf(CustomObject policy, String list) {
        List<Map<String, Object>> all = policy.resource().get("status", list);
        return all == null || all.isEmpty() ? Map.of() : all.getFirst();
    }

    private static Instant startOf(CustomObject policy) {
        return Instant.parse(String.valueOf(alert(policy).get("startsAt")));
    }
}
