package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.Call;
import dev.tatara.e2e.load.Calls;
import dev.tatara.e2e.load.K6Load;
import dev.tatara.e2e.load.Split;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A candidate gets its traffic step by step under constant load, REST and gRPC, and loses it at once when it is worse:
 * nobody waits.
 */
@OnCluster
@ResourceLock("load")
class CanaryE2E {
    /** Requests of each way, for a split. */
    private static final int SAMPLE = 800;

    private static final int SOME = 100;

    /** A second is meant; on a machine that has much else to do it takes longer. The figure is printed. */
    private static final Duration ZERO_TRAFFIC = Duration.ofSeconds(3);

    private final Cluster cluster;
    private final TestNamespace namespace;

    CanaryE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @Test
    void aGoodOneIsPromoted() {
        var good = new Multiplier(namespace, "good");
        good.serve(2);
        good.prepare(3);
        try (var load = good.load()) {
            load.awaitMore(2, SOME);
            good.roll(3, """
                {strategy: Canary, scaleDownDelay: 5s, canary: {steps: [
                  {name: taste, weight: 20, manual: true},
                  {name: half, weight: 50, manual: true},
                  {name: all, weight: 100}]}}""");
            good.awaitStep("taste", 20);
            splits(load, 20);
            good.promote();
            good.awaitStep("half", 50);
            splits(load, 50);
            losePods(good);
            good.promote();
            good.awaitServing(3);
            load.awaitMore(3, SOME);
            await("pods of the old revision to go").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(good.pods())
                    .hasSize(2));
            load.awaitMore(3, SOME);
            good.report(load.stop());
        }
    }

    @Test
    void aWorseOneGoesBackAtOnce() {
        var worse = new Multiplier(namespace, "worse");
        worse.serve(2);
        worse.prepare(4);
        var before = worse.pods().stream().map(CanaryE2E::nameOf).toList();
        var operator = operator();
        try (var load = worse.load();
                var story = worse.story()) {
            load.awaitMore(2, SOME);
            worse.roll(4, rolloutOfWorse(false));
            worse.awaitStep("taste", 20);
            var few = keepTheirSides(worse, load, 20);
            worse.promote();
            worse.awaitStep("half", 50);
            var many = keepTheirSides(worse, load, 50);
            assertThat(many).as("who was with the candidate before").containsAll(few);
            // A pause holds what goes forward, and not the way back.
            worse.roll(4, rolloutOfWorse(true));
            var verdict = story.awaitFirst("the verdict", object -> !Multiplier.list(object, "rejected")
                    .isEmpty());
            worse.awaitPhase("RolledBack");
            await("the end of what the way back may take")
                    .until(() -> Instant.now().isAfter(verdict.at().plus(ZERO_TRAFFIC)));
            var after = everybody(load);
            assertThat(after.answersOf(2)).as("everybody is back").isEqualTo(after.count());
            var calls = load.stop();
            worse.report(calls);
            endsAtOnce(calls, verdict.at(), operator.equals(operator()));
            assertThat(story.values("phase")).containsSubsequence("Progressing", "Paused", "RolledBack");
            assertThat(story.values("candidate", "weight")).containsExactly(0, 20, 50);
        }
        assertThat(worse.rejected()).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("modelVersion", "worse-4")
                .containsEntry("quarantine", true)
                .extractingByKey("reason")
                .asString()
                .contains("answers"));
        namespace.awaitModelVersion(
                "worse-4", version -> assertThat(version.status("quarantine")).isNotNull());
        assertThat(worse.pods()).extracting(CanaryE2E::nameOf).containsAll(before);
        worse.object().hasCondition("Ready", "True").hasCondition("UpToDate", "False");
    }

    @Test
    void onesThatDontStartGoBack() {
        var stuck = new Multiplier(namespace, "stuck");
        stuck.serve(2);
        try (var load = stuck.load()) {
            load.awaitMore(2, SOME);
            namespace.apply(Manifests.pinned("stuck", "stuck-2", 2, """
                    {strategy: Canary, progressDeadline: 15s, canary: {steps: [{name: taste, weight: 30, hold: 10m},
                     {name: all, weight: 100}]}}""")
                    + "  runtime: {image: tatara.dev/nobody-has-this:1}\n");
            stuck.awaitPhase("RolledBack");
            load.awaitMore(2, SOME);
            var calls = load.stop();
            stuck.report(calls);
            assertThat(calls.byFactor()).containsOnlyKeys(2);
        }
        assertThat(stuck.rejected()).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("quarantine", false)
                .extractingByKey("reason")
                .asString()
                .contains("nobody-has-this"));
    }

    private static String rolloutOfWorse(boolean paused) {
        return """
            {strategy: Canary, paused: %s, canary: {
              sticky: {header: x-user-id}, match: [{header: x-canary, value: "true"}], steps: [
                {name: taste, weight: 20, manual: true},
                {name: half, weight: 50, hold: 10m, analysis: {interval: 1s, minSamples: 2500, checks: [
                  {name: answers, predictionDrift: {test: PSI, maxDistance: 0.2}}]}},
                {name: all, weight: 100}]}}""".formatted(paused);
    }

    /** The step's part of the requests reaches the candidate, in each protocol and on each kind of connection. */
    private static void splits(K6Load load, int weight) {
        var splits = sample(load, weight);
        if (!splits.values().stream().allMatch(Split::isUsual)) {
            // One sound split in a thousand isn't; two of one way in a row are one in a million.
            var again = sample(load, weight);
            splits.keySet().removeIf(way -> splits.get(way).isUsual());
            splits.replaceAll((way, first) -> again.get(way));
        }
        assertThat(splits.values()).allMatch(Split::isUsual);
    }

    private static Map<Call.Way, Split> sample(K6Load load, int weight) {
        var from = Instant.now();
        await("requests at weight " + weight).atMost(Cluster.LIMIT).until(() -> Arrays.stream(Call.Way.values())
                .allMatch(way ->
                        load.calls().since(from).only(call -> call.way() == way).count() >= SAMPLE));
        var calls = load.calls().since(from);
        var splits = Arrays.stream(Call.Way.values())
                .collect(Collectors.toMap(
                        way -> way, way -> Split.of(calls.only(call -> call.way() == way), 3, weight)));
        splits.forEach((way, split) -> System.out.printf("good: %s: %s%n", way, split));
        return splits;
    }

    /** A pod of stable is deleted, as a drained node would have it; one of the candidate is gone without a word. */
    private void losePods(Multiplier good) {
        var lost = List.of(
                good.pods(good.object().status("stable", "revision")).getFirst(),
                good.pods(good.object().status("candidate", "revision")).getFirst());
        cluster.client().resource(lost.getFirst()).delete();
        cluster.client().resource(lost.getLast()).withGracePeriod(0).delete();
        await("pods in the place of those that were lost").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        good.pods())
                .hasSize(3)
                .allMatch(Readiness::isPodReady)
                .extracting(CanaryE2E::nameOf)
                .doesNotContainAnyElementsOf(
                        lost.stream().map(CanaryE2E::nameOf).toList()));
        assertThat(good.object().status("candidate", "weight")).isEqualTo(50);
    }

    /**
     * Everybody stays on one side, whoever asks for the candidate gets it; returns the people who are with it. Where a
     * pod couldn't reach the candidate it has answered itself, and says so.
     */
    private static Set<String> keepTheirSides(Multiplier worse, K6Load load, int weight) {
        var calls = everybody(load);
        var stoodIn = worse.stoodIn(worse.object().status("candidate", "revision"));
        var matched = calls.only(Call::isMatched);
        var sides = calls.sides();
        var candidates = sides.keySet().stream()
                .filter(key -> sides.get(key).contains(4))
                .collect(Collectors.toSet());
        var astray = calls.only(call -> call.factor() == 2 && (call.isMatched() || candidates.contains(call.key())))
                .count();
        System.out.printf(
                "worse at weight %d: of %d people, over %d requests, with the candidate %s; %d that ask for it got it; %d answered"
                        + " by stable in its place%n",
                weight,
                sides.size(),
                calls.count() - matched.count(),
                new Split(candidates.size(), sides.size(), weight),
                matched.answersOf(4),
                astray);
        assertThat(astray)
                .as("answered by stable, of %s in all that it stood in for", stoodIn)
                .isLessThanOrEqualTo(stoodIn);
        assertThat(matched.answersOf(4)).isPositive();
        return candidates;
    }

    /** At least two requests of everybody. */
    private static Calls everybody(K6Load load) {
        var from = Instant.now();
        await("requests of everybody").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        load.calls().since(from).all().stream()
                                .filter(call -> !call.isMatched())
                                .collect(Collectors.groupingBy(Call::key, Collectors.counting())))
                .hasSize(K6Load.KEYS)
                .allSatisfy((key, count) -> assertThat(count).isGreaterThanOrEqualTo(2)));
        return load.calls().within(from, Instant.now());
    }

    /** Its pods. Other tests kill them. */
    private Set<String> operator() {
        return cluster.operator().pods().stream().map(CanaryE2E::nameOf).collect(Collectors.toSet());
    }

    private static void endsAtOnce(Calls calls, Instant verdict, boolean isUndisturbed) {
        for (var protocol : Call.Protocol.values()) {
            var of = calls.of(protocol);
            var late = Duration.between(verdict, of.latestOf(4).orElseThrow());
            var kept = of.only(Call::isOnKeptConnection);
            System.out.printf(
                    "worse: %s: the candidate's last answer came %d ms after the verdict (%d ms on kept connections);"
                            + " %d answers since%n",
                    protocol,
                    late.toMillis(),
                    Duration.between(verdict, kept.latestOf(4).orElseThrow()).toMillis(),
                    of.only(call -> call.ended().isAfter(verdict)).answersOf(4));
            if (isUndisturbed) {
                assertThat(late).isLessThan(ZERO_TRAFFIC);
            }
        }
    }

    private static String nameOf(Pod pod) {
        return pod.getMetadata().getName();
    }
}
