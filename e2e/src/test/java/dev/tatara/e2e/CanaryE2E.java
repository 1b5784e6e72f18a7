package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.LoadReport;
import dev.tatara.e2e.load.ModelEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A candidate gets its traffic step by step under constant load, and loses it at once when it is worse: nobody waits. */
@OnCluster
class CanaryE2E {
    private static final int REQUESTS_PER_SECOND = 100;
    private static final int SAMPLE = 600;

    /** Standard normal deviates: of 99.9 %, and what no sound split leaves in a million runs. */
    private static final double USUAL = 3.29;

    private static final double NEVER = 4.9;

    /** On a machine that runs other tests too; the figure is printed. */
    private static final Duration ZERO_TRAFFIC = Duration.ofSeconds(5);

    private final TestNamespace namespace;

    CanaryE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @Test
    void aGoodOneIsPromoted() {
        var service = "good";
        serve(service, 2);
        prepare(service, 3);
        try (var load = load(service)) {
            roll(service, 3, """
                {strategy: Canary, scaleDownDelay: 5s, canary: {steps: [
                  {name: taste, weight: 20, manual: true},
                  {name: half, weight: 50, manual: true},
                  {name: all, weight: 100}]}}""");
            splits(service, load, "taste", 20);
            promote(service);
            splits(service, load, "half", 50);
            promote(service);
            namespace.awaitServing(service, service + "-3");
            awaitMore(load, 3);
            await("pods of the old revision to go").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(pods(service))
                    .hasSize(2));
            awaitMore(load, 3);
            report(service, load.stop());
        }
    }

    @Test
    void aWorseOneGoesBackAtOnce() {
        var service = "worse";
        serve(service, 2);
        prepare(service, 4);
        var before = pods(service);
        try (var load = load(service)) {
            awaitMore(load, 2);
            roll(service, 4, """
                {strategy: Canary, canary: {steps: [{name: taste, weight: 30, hold: 10m}, {name: all, weight: 100}]},
                 analysis: {interval: 1s, minSamples: 100, checks: [
                   {name: answers, predictionDrift: {test: PSI, maxDistance: 0.2}}]}}""");
            awaitMore(load, 4);
            await("the verdict")
                    .atMost(Cluster.LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> !rejected(service).isEmpty());
            var verdict = Instant.now();
            namespace.awaitInferenceService(
                    service, rolledBack -> assertThat(rolledBack.phase()).isEqualTo("RolledBack"));
            awaitMore(load, 2);
            var report = load.stop();
            report(service, report);
            var late = Duration.between(verdict, Objects.requireNonNull(load.latestOf(4)));
            System.out.printf(
                    "%s: the candidate's last answer came %d ms after its verdict%n", service, late.toMillis());
            assertThat(late).isLessThan(ZERO_TRAFFIC);
        }
        assertThat(rejected(service)).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("modelVersion", service + "-4")
                .containsEntry("quarantine", true)
                .extractingByKey("reason")
                .asString()
                .contains("answers"));
        namespace.awaitModelVersion(service + "-4", version -> assertThat(version.status("quarantine"))
                .isNotNull());
        assertThat(pods(service)).containsAll(before);
        namespace.inferenceService(service).hasCondition("Ready", "True").hasCondition("UpToDate", "False");
    }

    @Test
    void onesThatDontStartGoBack() {
        var service = "stuck";
        serve(service, 2);
        try (var load = load(service)) {
            awaitMore(load, 2);
            namespace.apply(Manifests.pinned(service, service + "-2", 2, """
                    {strategy: Canary, progressDeadline: 15s, canary: {steps: [{name: taste, weight: 30, hold: 10m},
                     {name: all, weight: 100}]}}""")
                    + "  runtime: {image: tatara.dev/nobody-has-this:1}\n");
            namespace.awaitInferenceService(
                    service, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
            awaitMore(load, 2);
            var report = load.stop();
            report(service, report);
            assertThat(report.answers()).containsOnlyKeys(2);
        }
        assertThat(rejected(service)).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("quarantine", false)
                .extractingByKey("reason")
                .asString()
                .contains("nobody-has-this"));
    }

    private void serve(String service, int factor) {
        prepare(service, factor);
        namespace.apply(Manifests.pinned(service, service + "-" + factor, 2));
        namespace.awaitServing(service, service + "-" + factor);
    }

    /** A version that may be rolled out. */
    private void prepare(String service, int factor) {
        var name = service + "-" + factor;
        namespace.apply(Manifests.modelVersion(
                name, service, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
    }

    private void roll(String service, int factor, String rollout) {
        namespace.apply(Manifests.pinned(service, service + "-" + factor, 2, rollout));
    }

    private ConstantLoad load(String service) {
        return ConstantLoad.on(new ModelEndpoint(namespace.address(service), service), REQUESTS_PER_SECOND);
    }

    /** The step's part of the requests reaches the candidate, give or take what chance does. */
    private void splits(String service, ConstantLoad load, String step, int weight) {
        namespace.awaitInferenceService(service, object -> {
            assertThat(object.status("rollout", "stepName")).isEqualTo(step);
            assertThat(object.status("candidate", "observedWeight")).isEqualTo(weight);
        });
        var stable = load.answersOf(2);
        var candidate = load.answersOf(3);
        await("requests of step " + step)
                .atMost(Cluster.LIMIT)
                .until(() -> load.answersOf(2) + load.answersOf(3) - stable - candidate >= SAMPLE);
        var found = load.answersOf(3) - candidate;
        var requests = load.answersOf(2) - stable + found;
        var expected = requests * weight / 100.0;
        var deviation = Math.sqrt(expected * (1 - weight / 100.0));
        System.out.printf(
                "%s at weight %d: %d of %d requests; 99.9 %% of sound splits have %.0f to %.0f%n",
                service, weight, found, requests, expected - USUAL * deviation, expected + USUAL * deviation);
        assertThat((double) found).isBetween(expected - NEVER * deviation, expected + NEVER * deviation);
    }

    private void promote(String service) {
        var revision = namespace.inferenceService(service).status("candidate", "revision");
        var step = namespace.inferenceService(service).status("rollout", "stepName");
        namespace.kubectl(
                "annotate", "infsvc", service, "--overwrite", "mlops.tatara.dev/promote=" + revision + "/" + step);
    }

    private static void awaitMore(ConstantLoad load, int factor) {
        var enough = load.answersOf(factor) + REQUESTS_PER_SECOND / 2;
        await("answers of version " + factor)
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> load.answersOf(factor) >= enough);
    }

    private static void report(String service, LoadReport report) {
        System.out.printf(
                "%s: %d requests in %s (%.0f/s), %s by version, %d failed%n",
                service,
                report.sent(),
                report.duration(),
                report.rate(),
                report.answers(),
                report.failures().size());
        assertThat(report.failures()).isEmpty();
    }

    private List<String> pods(String service) {
        return namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", service)).stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> rejected(String service) {
        var rejected =
                (List<Map<String, Object>>) namespace.inferenceService(service).status("rejected");
        return rejected == null ? List.of() : rejected;
    }
}
