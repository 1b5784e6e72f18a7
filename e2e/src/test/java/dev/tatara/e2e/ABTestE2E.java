package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.experiment.People;
import dev.tatara.e2e.experiment.People.Bought;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Two experiments side by side on people whose behaviour is known: of one service version 3 sells more, of the other it
 * sells less. Nobody is told; the winners are found by what was asked and what was bought.
 */
@OnCluster
@ResourceLock("load")
class ABTestE2E {
    private static final int PEOPLE = 300;
    private static final double BETTER = 0.6;
    private static final double WORSE = 0.1;
    /** Between what people do and what the evaluation saw of it: it may come before the last of them was written down. */
    private static final double TOLERANCE = 0.15;

    private static final Duration LONGEST = Duration.ofMinutes(4);

    private static final Map<String, Map<String, Double>> RATES =
            Map.of("wins", Map.of("2", WORSE, "3", BETTER), "loses", Map.of("2", BETTER, "3", WORSE));

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Map<String, People> people = new LinkedHashMap<>();
    private final Map<String, List<String>> sides = new LinkedHashMap<>();
    private Instant begun;

    ABTestE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @BeforeAll
    void begin() {
        for (var service : RATES.keySet()) {
            prepare(service, 2);
            prepare(service, 3);
            serve(service, 2, "Report");
        }
        RATES.keySet().forEach(service -> namespace.awaitServing(service, service + "-2"));
        serve("wins", 3, "Promote");
        serve("loses", 3, "Report");
        for (var service : RATES.keySet()) {
            namespace.awaitInferenceService(service, object -> assertThat(object.status("rollout", "heldSince"))
                    .isNotNull());
            people.put(service, new People(namespace.address(service), service, PEOPLE, "x-user-id"));
        }
        begun = Instant.now();
        // Nothing can be decided before somebody buys.
        people.forEach((service, all) -> sides.put(service, all.ask()));
        people.forEach((service, all) ->
                assertThat(all.ask()).as("sides of the people of " + service).isEqualTo(sides.get(service)));
        people.forEach((service, all) -> {
            var bought = all.buy(sides.get(service), RATES.get(service), 7);
            System.out.printf("%s: %s by version%n", service, bought);
            assertThat(bought.values()).extracting(Bought::people).allMatch(many -> many > PEOPLE / 3);
        });
    }

    @AfterAll
    void end() {
        people.values().forEach(People::close);
    }

    @Test
    void aWinnerTakesOverByItself() {
        namespace.awaitServing("wins", "wins-3");

        var took = Duration.between(begun, Instant.now());
        System.out.printf("wins: promoted %d s after the experiment had begun%n", took.toSeconds());
        assertThat(took).isLessThan(LONGEST);
        awaitEverybodyWith("wins", "3");
    }

    @Test
    void aLoserIsReportedAndEverybodyStaysUntilSomebodyDecides() {
        var service = "loses";
        var decided =
                namespace.awaitInferenceService(service, object -> assertThat(object.status("rollout", "pauseReason"))
                        .isEqualTo("ExperimentDecided"));
        assertThat(Duration.between(begun, Instant.now())).isLessThan(LONGEST);
        var candidate = String.valueOf(decided.status("candidate", "revision"));
        var stable = String.valueOf(decided.status("stable", "revision"));
        var check = (Map<?, ?>) ((List<?>) decided.status("rollout", "checks")).getFirst();
        System.out.printf("loses: %s%n", check);
        assertThat(check.get("name")).isEqualTo("experiment");
        assertThat(check.get("verdict")).isEqualTo("Failed");
        assertThat(((Number) check.get("stable")).doubleValue()).isCloseTo(BETTER, within(TOLERANCE));
        assertThat(((Number) check.get("candidate")).doubleValue()).isCloseTo(WORSE, within(TOLERANCE));
        assertThat(String.valueOf(check.get("message")))
                .as("recommendation, lift, interval, sample sizes, report")
                .matches(("keep %s: conversion [0-9.]+ against [0-9.]+ \\(-[0-9.]+ %%\\), between -[0-9.]+ and -[0-9.]+"
                                + " at 95.* %%, p .*; \\d+ people saw %s, \\d+ %s; s3://.*/report.html")
                        .formatted(stable, stable, candidate));
        assertThat(String.valueOf(decided.status("rollout", "message"))).contains("keep " + stable);
        assertThat(cluster.store().artifacts("experiments/" + namespace.name() + "/" + service + "/"))
                .anyMatch(key -> key.endsWith("/report.html"));

        assertThat(people.get(service).ask()).as("sides, decided or not").isEqualTo(sides.get(service));
        namespace
                .kubectl("annotate", "infsvc", service, "mlops.tatara.dev/abort=" + candidate)
                .succeeded();
        namespace.awaitInferenceService(
                service, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
        awaitEverybodyWith(service, "2");
    }

    private void awaitEverybodyWith(String service, String version) {
        await("people of " + service).atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        people.get(service).ask())
                .as("versions that answer")
                .containsOnly(version));
    }

    private void prepare(String service, int factor) {
        var name = service + "-" + factor;
        namespace.apply(Manifests.modelVersion(
                name, service, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
    }

    private void serve(String service, int factor, String winner) {
        namespace.apply(Manifests.pinned(service, service + "-" + factor, 1, """
            {strategy: ABTest, scaleDownDelay: 5s, analysis: {interval: 10s},
             abTest: {sticky: {header: x-user-id}, metric: {name: conversion, kind: Proportion},
               baselineRate: %s, minimumEffect: 0.3, maxDuration: %dm, winner: %s}}""".formatted(
                                RATES.get(service).get("2"), LONGEST.toMinutes(), winner))
                + Manifests.PROMPT_LEDGER);
    }
}
