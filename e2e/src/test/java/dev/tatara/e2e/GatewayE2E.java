package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.ModelEndpoint;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A candidate gets its traffic by the weights of a route, through a real Gateway under constant load, and loses it at once
 * when it is worse. {@code hack/verify --e2e --interop --test GatewayE2E} brings the Gateway.
 */
@OnCluster
@Tag("interop")
class GatewayE2E {
    private static final int REQUESTS_PER_SECOND = 50;
    private static final int SAMPLE = 500;

    /** Standard normal deviates: of 99.9 %, and what no sound split leaves in a million runs. */
    private static final double USUAL = 3.29;

    private static final double NEVER = 4.9;

    /** On a machine that runs other tests too; the figure is printed. */
    private static final Duration ZERO_TRAFFIC = Duration.ofSeconds(5);

    /** A listener of the Gateway for each service. */
    private static final Map<String, Integer> PORTS = Map.of("good", 8101, "worse", 8102, "moved", 8103);

    private final Cluster cluster;
    private final TestNamespace namespace;

    GatewayE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @BeforeAll
    void makeGateway() {
        var gatewayClass = System.getenv("TATARA_GATEWAY_CLASS");
        assertThat(gatewayClass)
                .as("a GatewayClass in TATARA_GATEWAY_CLASS: run hack/verify --e2e --interop --test GatewayE2E")
                .isNotNull();
        namespace.apply("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: public}
                spec:
                  gatewayClassName: %s
                  listeners: [%s]
                """.formatted(
                        gatewayClass,
                        PORTS.entrySet().stream()
                                .map(listener -> "{name: %s, port: %d, protocol: HTTP}"
                                        .formatted(listener.getKey(), listener.getValue()))
                                .collect(Collectors.joining(", "))));
        await("an address of the Gateway")
                .atMost(Cluster.LIMIT)
                .until(() -> gateway().getStatus() != null
                        && !gateway().getStatus().getAddresses().isEmpty()
                        && gateway().getStatus().getConditions().stream()
                                .anyMatch(condition -> condition.getType().equals("Programmed")
                                        && condition.getStatus().equals("True")));
    }

    @Test
    void aGoodOneIsPromotedByTheWeightsOfItsRoute() {
        var service = "good";
        serve(service);
        try (var load = load(service)) {
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            var first = revision(service, "stable");
            roll(service, 3, """
                {strategy: Canary, scaleDownDelay: 5s, canary: {steps: [
                  {name: taste, weight: 20, manual: true},
                  {name: half, weight: 50, manual: true},
                  {name: all, weight: 100}]}}""");
            splits(service, load, "taste", 20);
            assertThat(weights(service))
                    .isEqualTo(Map.of(service + "-" + revision(service, "candidate"), 20, service + "-" + first, 80));
            promote(service);
            splits(service, load, "half", 50);
            promote(service);
            namespace.awaitServing(service, service + "-3");
            load.awaitMore(3, REQUESTS_PER_SECOND / 2);
            var second = revision(service, "stable");
            await("the old revision to go").atMost(Cluster.LIMIT).untilAsserted(() -> {
                assertThat(weights(service)).isEqualTo(Map.of(service + "-" + second, 100));
                assertThat(cluster.client()
                                .services()
                                .inNamespace(namespace.name())
                                .withName(service + "-" + first)
                                .get())
                        .isNull();
            });
            load.awaitMore(3, REQUESTS_PER_SECOND / 2);
            load.stop().assertUnfailing(service);
        }
    }

    @Test
    void aWorseOneGoesBackAtOnce() {
        var service = "worse";
        serve(service);
        prepare(service, 4);
        try (var load = load(service)) {
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            roll(service, 4, """
                {strategy: Canary, canary: {steps: [{name: taste, weight: 30, hold: 10m}, {name: all, weight: 100}]},
                 analysis: {interval: 1s, minSamples: 100, checks: [
                   {name: answers, predictionDrift: {test: PSI, maxDistance: 0.2}}]}}""");
            load.awaitMore(4, REQUESTS_PER_SECOND / 2);
            await("the verdict")
                    .atMost(Cluster.LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> namespace.inferenceService(service).status("rejected") instanceof List<?> rejected
                            && !rejected.isEmpty());
            var verdict = Instant.now();
            namespace.awaitInferenceService(
                    service, rolledBack -> assertThat(rolledBack.phase()).isEqualTo("RolledBack"));
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            load.stop().assertUnfailing(service);
            var late = Duration.between(verdict, Objects.requireNonNull(load.latestOf(4)));
            System.out.printf(
                    "%s: the candidate's last answer came %d ms after its verdict%n", service, late.toMillis());
            assertThat(late).isLessThan(ZERO_TRAFFIC);
            assertThat(weights(service)).isEqualTo(Map.of(service + "-" + revision(service, "stable"), 100));
        }
    }

    /** Clients that call the service by its own name notice nothing of it. */
    @Test
    void aServiceGoesBehindTheGatewayAndBackUnderLoad() {
        var service = "moved";
        prepare(service, 2);
        namespace.apply(Manifests.pinned(service, service + "-2", 2));
        namespace.awaitServing(service, service + "-2");
        try (var load = ConstantLoad.on(new ModelEndpoint(namespace.address(service), service), REQUESTS_PER_SECOND)) {
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            namespace.apply(Manifests.pinned(service, service + "-2", 2) + behind(service));
            namespace.awaitInferenceService(service, object -> assertThat(
                            object.condition("TrafficConverged").orElseThrow())
                    .containsEntry("status", "True")
                    .extractingByKey("message")
                    .asString()
                    .contains("Gateway"));
            try (var through = load(service)) {
                through.awaitMore(2, REQUESTS_PER_SECOND / 2);
                through.stop().assertUnfailing(service + " through the Gateway");
            }
            namespace.apply(Manifests.pinned(service, service + "-2", 2));
            await("the route to go")
                    .atMost(Cluster.LIMIT)
                    .until(() -> cluster.client()
                                    .resources(HTTPRoute.class)
                                    .inNamespace(namespace.name())
                                    .withName(service)
                                    .get()
                            == null);
            load.awaitMore(2, REQUESTS_PER_SECOND / 2);
            load.stop().assertUnfailing(service);
        }
    }

    private void serve(String service) {
        prepare(service, 2);
        namespace.apply(Manifests.pinned(service, service + "-2", 2) + behind(service));
        namespace.awaitServing(service, service + "-2");
        namespace.awaitInferenceService(service, object -> object.hasCondition("TrafficConverged", "True"));
    }

    /** A version that may be rolled out. */
    private void prepare(String service, int factor) {
        var name = service + "-" + factor;
        namespace.apply(Manifests.modelVersion(
                name, service, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
    }

    private void roll(String service, int factor, String rollout) {
        prepare(service, factor);
        namespace.apply(Manifests.pinned(service, service + "-" + factor, 2, rollout) + behind(service));
    }

    private static String behind(String service) {
        return "  traffic: {provider: GatewayAPI, gatewayApi: {parentRefs: [{name: public, sectionName: %s}]}}\n"
                .formatted(service);
    }

    private ConstantLoad load(String service) {
        var address = gateway().getStatus().getAddresses().getFirst().getValue();
        return ConstantLoad.on(
                new ModelEndpoint(URI.create("http://" + address + ":" + PORTS.get(service)), service),
                REQUESTS_PER_SECOND);
    }

    private Gateway gateway() {
        return cluster.client()
                .resources(Gateway.class)
                .inNamespace(namespace.name())
                .withName("public")
                .require();
    }

    /** Weights of the Services that the route divides ordinary requests between; those with none left out. */
    private Map<String, Integer> weights(String service) {
        return cluster
                .client()
                .resources(HTTPRoute.class)
                .inNamespace(namespace.name())
                .withName(service)
                .require()
                .getSpec()
                .getRules()
                .stream()
                .filter(rule -> rule.getMatches().stream()
                        .anyMatch(match -> match.getPath().getValue().equals("/")
                                && match.getHeaders().isEmpty()))
                .flatMap(rule -> rule.getBackendRefs().stream())
                .filter(backend -> backend.getWeight() > 0)
                .collect(Collectors.toMap(HTTPBackendRef::getName, HTTPBackendRef::getWeight));
    }

    private String revision(String service, String which) {
        return String.valueOf(namespace.inferenceService(service).status(which, "revision"));
    }

    /** The step's part of the requests reaches the candidate, give or take what chance does. */
    private void splits(String service, ConstantLoad load, String step, int weight) {
        namespace.awaitInferenceService(service, object -> {
            assertThat(object.status("rollout", "stepName")).isEqualTo(step);
            assertThat(object.status("rollout", "heldSince")).isNotNull();
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
        var step = namespace.inferenceService(service).status("rollout", "stepName");
        namespace.kubectl(
                "annotate",
                "infsvc",
                service,
                "--overwrite",
                "mlops.tatara.dev/promote=" + revision(service, "candidate") + "/" + step);
    }
}
