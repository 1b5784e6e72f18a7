package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.ModelEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Green stands beside blue, is tried where no client goes, and gets everybody at once; as quickly blue has them back. */
@OnCluster
@Tag("long")
class BlueGreenE2E {
    private static final int REQUESTS_PER_SECOND = 40;
    private static final String BY_HAND = "by-hand";
    private static final String BY_ITSELF = "by-itself";

    /** On a machine that runs other tests too; the figures are printed. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private final TestNamespace namespace;

    BlueGreenE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @BeforeAll
    void serveBlue() {
        namespace.apply(String.join(
                "---\n",
                version(BY_HAND, "2", "times-2"),
                version(BY_HAND, "3", "times-3"),
                version(BY_ITSELF, "2", "times-2"),
                version(BY_ITSELF, "4", "times-4"),
                Manifests.pinned(BY_HAND, BY_HAND + "-2", 2),
                Manifests.pinned(BY_ITSELF, BY_ITSELF + "-2", 2)));
        for (var version : List.of(BY_HAND + "-3", BY_ITSELF + "-4")) {
            namespace.awaitModelVersion(version, object -> object.hasCondition("Ready", "True"));
        }
        namespace.awaitServing(BY_HAND, BY_HAND + "-2");
        namespace.awaitServing(BY_ITSELF, BY_ITSELF + "-2");
    }

    @Test
    void whatWasTriedAtItsOwnAddressGetsEverybodyAtOnce() {
        try (var load = load(BY_HAND, BY_HAND)) {
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            namespace.apply(Manifests.pinned(BY_HAND, BY_HAND + "-3", 2, """
                    {strategy: BlueGreen, scaleDownDelay: 2s, blueGreen: {preview: true,
                     prePromotion: {analysis: {interval: 1s, minSamples: 50, checks: [
                       {name: tried, errorRate: {max: 0}}, {name: quick, latency: {percentile: 50, maxMillis: 1000}}]}},
                     postPromotion: {hold: 2s}}}"""));
            var preview = BY_HAND + "-preview";
            namespace.awaitInferenceService(BY_HAND, object -> {
                assertThat(object.status("previewUrl"))
                        .isEqualTo("http://" + preview + "." + namespace.name() + ".svc");
                assertThat(object.status("rollout", "stepName")).isEqualTo("preview");
                assertThat(object.status("rollout", "heldSince")).isNotNull();
                assertThat(object.status("candidate", "readyReplicas")).isEqualTo(2);
            });
            try (var trial = load(preview, BY_HAND)) {
                namespace.awaitInferenceService(
                        BY_HAND, object -> object.hasCondition("AnalysisPassed", "True", "ChecksPassed"));
                var report = trial.stop();
                report.assertUnfailing("at the preview");
                assertThat(report.answers()).containsOnlyKeys(3);
            }
            assertThat(load.answersOf(3))
                    .as("clients' answers of the candidate")
                    .isZero();
            assertThat(services(BY_HAND)).containsExactlyInAnyOrder(BY_HAND, preview);

            var revision = namespace.inferenceService(BY_HAND).status("candidate", "revision");
            var promoted = Instant.now();
            namespace
                    .kubectl("annotate", "infsvc", BY_HAND, "mlops.tatara.dev/promote=" + revision)
                    .succeeded();
            load.awaitMore(3, REQUESTS_PER_SECOND / 2);
            namespace.awaitServing(BY_HAND, BY_HAND + "-3");
            var took = Duration.between(promoted, Objects.requireNonNull(load.latestOf(2)));
            await("the preview to go").atMost(Cluster.LIMIT).until(() -> services(BY_HAND)
                    .equals(List.of(BY_HAND)));
            assertThat(namespace.inferenceService(BY_HAND).status("previewUrl")).isNull();
            await("blue's pods to go").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                            namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", BY_HAND)))
                    .hasSize(2));
            load.awaitMore(3, REQUESTS_PER_SECOND / 2);
            load.stop().assertUnfailing(BY_HAND);
            System.out.printf("%s: blue's last answer came %d ms after the promotion%n", BY_HAND, took.toMillis());
            assertThat(took).isLessThan(AT_ONCE);
        }
    }

    /** Its check asks for what no model can. */
    @Test
    void whatFailsAfterTheSwitchGoesBackAtOnce() {
        try (var load = load(BY_ITSELF, BY_ITSELF)) {
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            namespace.apply(Manifests.pinned(BY_ITSELF, BY_ITSELF + "-4", 2, """
                    {strategy: BlueGreen, blueGreen: {autoPromote: true, prePromotion: {hold: 1s},
                     postPromotion: {hold: 10m, analysis: {interval: 1s, minSamples: 40, checks: [
                       {name: quick, latency: {percentile: 50, maxMillis: 0.001}}]}}}}"""));
            await("the verdict")
                    .atMost(Cluster.LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> namespace.inferenceService(BY_ITSELF).status("rejected") != null);
            var verdict = Instant.now();
            namespace.awaitInferenceService(
                    BY_ITSELF, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            var report = load.stop();
            report.assertUnfailing(BY_ITSELF);
            assertThat(report.answers()).containsOnlyKeys(2, 4);
            var late = Duration.between(verdict, Objects.requireNonNull(load.latestOf(4)));
            System.out.printf("%s: green's last answer came %d ms after its verdict%n", BY_ITSELF, late.toMillis());
            assertThat(late).isLessThan(AT_ONCE);
        }
        assertThat(String.valueOf(namespace
                        .inferenceService(BY_ITSELF)
                        .condition("UpToDate")
                        .orElseThrow()
                        .get("message")))
                .contains("check quick failed", "at most 0.001 ms");
        assertThat(namespace.inferenceService(BY_ITSELF).status("previewUrl")).isNull();
    }

    private ConstantLoad load(String service, String model) {
        return ConstantLoad.on(new ModelEndpoint(namespace.address(service), model), REQUESTS_PER_SECOND);
    }

    private List<String> services(String service) {
        return namespace.services(Map.of("mlops.tatara.dev/inferenceservice", service));
    }

    private String version(String model, String version, String file) {
        return Manifests.modelVersion(model + "-" + version, model, version, namespace.upload(file), "None");
    }
}
