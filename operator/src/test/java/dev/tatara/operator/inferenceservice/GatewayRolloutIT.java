package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.testing.CachedTool;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rollouts behind a Gateway, on a real API server with the real kinds; the Gateway is played. */
class GatewayRolloutIT extends GatewayScene {
    private static FakeGateway gateway;

    @BeforeAll
    static void startGateway() {
        api.installCrds(CachedTool.folder("gateway-api"));
        gateway = new FakeGateway(api);
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @BeforeEach
    void makeGateway() {
        gateway.setBehind(false);
        gateway.refuse(null);
        makeGateway("[]");
    }

    private void makeGateway(String features) {
        api.client().resource("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: GatewayClass
                metadata: {name: %s}
                spec: {controllerName: example.com/fake}
                """.formatted(namespace)).forceConflicts().serverSideApply();
        api.client()
                .resource("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: public, namespace: %1$s}
                spec:
                  gatewayClassName: %1$s
                  listeners: [{name: web, port: %2$d, protocol: HTTP, hostname: "*.example.com"}]
                """.formatted(namespace, gateway.port()))
                .forceConflicts()
                .serverSideApply();
        api.kubectl("patch", "gatewayclass", namespace, "--subresource=status", "--type=merge", "-p", """
                {"status": {"supportedFeatures": %s}}""".formatted(
                        features));
        api.kubectl("patch", "gateway", "public", "-n", namespace, "--subresource=status", "--type=merge", "-p", """
                {"status": {"addresses": [{"type": "IPAddress", "value": "127.0.0.1"}]}}""");
    }

    private String host() {
        return namespace + ".example.com";
    }

    private String behindGateway() {
        return "provider: GatewayAPI, gatewayApi: {parentRefs: [{name: public}], hostnames: [%s]}".formatted(host());
    }

    private void serveFirst(String analysis, String steps) {
        ready(version(1));
        applyCanary(behindGateway(), analysis, steps);
        awaitServed("churn-1");
    }

    @Test
    void aCanaryGoesUpByTheWeightsOfItsRoute() {
        start(MortalClient.immortal(api));
        serveFirst("", STEPS);
        var first = status().stable().revision();
        awaitCondition("TrafficConverged", "True", "Converged");
        awaitBackends(first);

        ready(version(2));
        awaitServed("churn-2");

        var second = status().stable().revision();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(
                        gateway.weightsOf(host(), second).stream().distinct())
                .containsExactly(0, 5, 50, 100));
        assertThat(gateway.weightsOf(host(), second)).isSorted();
        awaitEvents("churn", "RolloutStarted", "TrafficShifted", "StepStarted", "Promoted");

        // What isn't needed any more goes: pods, then the backend that no route leads to.
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(owned(Deployment.class)).hasSize(1));
        awaitBackends(second);
        assertThat(leadsTo()).containsExactly("churn-" + second);
        assertQuiet(() -> {});
    }

    @Test
    void aStepWaitsForTheDataPlane() {
        start(MortalClient.immortal(api));
        serveFirst("", "{name: taste, weight: 20, manual: true}, {name: all, weight: 100}");
        awaitCondition("TrafficConverged", "True", "Converged");

        gateway.setBehind(true);
        ready(version(2));
        awaitCondition("TrafficConverged", "False", "RouteUnproven");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(message("TrafficConverged"))
                .contains("http://127.0.0.1", host(), "latest route"));
        assertThat(status().rollout().heldSince()).isNull();

        gateway.setBehind(false);
        awaitHeld("taste");
        awaitCondition("TrafficConverged", "True", "Converged");
    }

    @Test
    void aRouteThatIsRefusedHoldsTheRolloutInTheGatewaysWords() {
        start(MortalClient.immortal(api));
        serveFirst("", "{name: taste, weight: 20, manual: true}, {name: all, weight: 100}");
        gateway.refuse("nobody from here");

        ready(version(2));
        awaitCondition("TrafficConverged", "False", "RouteNotAccepted");
        assertThat(message("TrafficConverged")).contains("Gateway " + namespace + "/public", "nobody from here");

        gateway.refuse(null);
        awaitHeld("taste");
    }

    @Test
    void aCandidateThatFailsACheckIsLeftOutOfTheRoute() {
        start(MortalClient.immortal(api));
        serveFirst("analysis: {interval: 1s, checks: [{name: errors, errorRate: {max: 0.01}}]},", STEPS);
        var first = status().stable().revision();
        judge.find(new CheckResult("errors", 0.0, 0.2, 900, Verdict.Failed, "20 % of 900 requests failed"));

        ready(version(2));
        await().atMost(LIMIT).until(() -> status().phase() == Phase.RolledBack);

        await().atMost(LIMIT).untilAsserted(() -> assertThat(leadsTo()).containsExactly("churn-" + first));
        awaitBackends(first);
        assertThat(status().rejected()).singleElement().satisfies(rejection -> assertThat(rejection.modelVersion())
                .isEqualTo("churn-2"));
    }

    @Test
    void whatTheGatewayCannotIsRefusedAndHealsWhenItCan() {
        makeGateway("[{\"name\": \"HTTPRoute\"}, {\"name\": \"HTTPRouteBackendProtocolH2C\"}]");
        start(MortalClient.immortal(api));
        serveFirst("", STEPS);
        var copies = "{name: taste, weight: 5, shadow: {percent: 20}}, {name: all, weight: 100}";
        applyCanary(behindGateway(), "", copies);
        awaitCondition("Accepted", "False", "NotSupported");
        assertThat(message("Accepted")).contains("HTTPRouteRequestMirror");
        ready(version(2));
        awaitQuiet();
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
        assertThat(status().candidate()).isNull();

        applyCanary(behindGateway(), "", STEPS);
        awaitServed("churn-2");
        awaitCondition("Accepted", "True", "Accepted");
    }

    @Test
    void aServiceGoesBehindAGatewayAndBack() {
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary("provider: Embedded", "", STEPS);
        awaitServed("churn-1");
        assertThat(backends()).isEmpty();
        var first = status().stable().revision();

        applyCanary(behindGateway(), "", STEPS);
        awaitBackends(first);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(leadsTo()).containsExactly("churn-" + first));
        awaitCondition("TrafficConverged", "True", "Converged");

        applyCanary("provider: Embedded", "", STEPS);
        awaitBackends();
        assertThat(owned(HTTPRoute.class)).isEmpty();
        assertThat(status().stable().revision()).isEqualTo(first);
        assertQuiet(() -> {});
    }

    @Test
    void whatSomebodyChangedInTheRouteIsPutRight() {
        start(MortalClient.immortal(api));
        serveFirst("", STEPS);
        var first = status().stable().revision();
        awaitBackends(first);
        awaitQuiet();

        api.client().resource(owned(HTTPRoute.class).getFirst()).edit(route -> {
            FakeGateway.ordinary(route).getBackendRefs().getFirst().setName("elsewhere");
            return route;
        });
        await().atMost(LIMIT).untilAsserted(() -> assertThat(leadsTo()).containsExactly("churn-" + first));
        api.client().resource(owned(HTTPRoute.class).getFirst()).delete();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(leadsTo()).containsExactly("churn-" + first));
    }

    /** {@link RolloutIT} kills operators at every write; this one at those that only Gateways need. */
    @Test
    void anOperatorKilledBeforeAnyWriteForTheGatewayGoesOnWhereItWas() {
        start(MortalClient.immortal(api));
        serveFirst("", STEPS);
        awaitQuiet();
        var before = client.written().size();
        ready(version(2));
        awaitServed("churn-2");
        awaitBackends(status().stable().revision());
        awaitQuiet();
        var written = client.written().subList(before, client.written().size());
        var lifetimes = IntStream.range(0, written.size())
                .filter(write -> written.get(write).matches(".*/(httproutes|services)/churn.*"))
                .toArray();
        assertThat(lifetimes).hasSizeGreaterThan(4);

        for (int lifetime : lifetimes) {
            kill();
            makeNamespace();
            makeGateway("[]");
            start(MortalClient.immortal(api));
            serveFirst("", STEPS);
            kill();
            ready(version(2));
            var mortal = MortalClient.dyingAfter(api, lifetime);
            start(mortal);
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> mortal.isDead() || isServed("churn-2"));
            kill();
            start(MortalClient.immortal(api));
            awaitServed("churn-2");
            var second = status().stable().revision();
            awaitBackends(second);
            assertThat(gateway.weightsOf(host(), second))
                    .as("killed before %s", written.get(lifetime))
                    .isSorted();
            assertThat(new HashSet<>(gateway.weightsOf(host(), second))).contains(5, 50, 100);
            assertThat(leadsTo()).containsExactly("churn-" + second);
        }
    }

    /** The Services that the route sends ordinary requests to. */
    private List<String> leadsTo() {
        return owned(HTTPRoute.class).stream()
                .flatMap(route -> FakeGateway.ordinary(route).getBackendRefs().stream())
                .map(HTTPBackendRef::getName)
                .toList();
    }
}
