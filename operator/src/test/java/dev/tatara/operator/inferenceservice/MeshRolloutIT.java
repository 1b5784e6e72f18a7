package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.operator.testing.MortalClient;
import dev.tatara.testing.CachedTool;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rollouts in a mesh, on a real API server with Istio's own kinds; nobody looks after them. */
class MeshRolloutIT extends GatewayScene {
    private static final String MESH = "provider: Istio, istio: {gateways: [mesh], hosts: [churn.example.com]}";
    private static final String MANUAL =
            "{name: taste, weight: 5, manual: true}, {name: half, weight: 50, manual: true}, {name: all, weight: 100}";

    @BeforeAll
    static void installKinds() {
        api.installCrds(CachedTool.folder("istio-api"));
    }

    @Test
    void aCanaryGoesUpByTheWeightsOfItsVirtualService() {
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary(MESH, "", MANUAL);
        awaitServed("churn-1");
        var first = status().stable().revision();
        awaitBackends("revisions");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(weights()).isEqualTo(Map.of(first, 100)));

        ready(version(2));
        awaitHeld("taste");
        var second = status().candidate().revision();
        assertThat(weights()).isEqualTo(Map.of(second, 5, first, 95));
        assertThat(subsets()).containsExactlyInAnyOrder(first, second);
        annotate("promote", second + "/taste");
        awaitHeld("half");
        assertThat(weights()).isEqualTo(Map.of(second, 50, first, 50));
        annotate("promote", second + "/half");
        awaitServed("churn-2");

        await().atMost(LIMIT).untilAsserted(() -> assertThat(weights()).isEqualTo(Map.of(second, 100)));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(subsets()).containsExactly(second));
        assertQuiet(() -> {});
    }

    @Test
    void aCandidateThatIsGivenUpGetsNothing() {
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary(MESH, "", MANUAL);
        awaitServed("churn-1");
        var first = status().stable().revision();
        ready(version(2));
        awaitHeld("taste");

        annotate("abort", status().candidate().revision());
        await().atMost(LIMIT).untilAsserted(() -> assertThat(weights()).isEqualTo(Map.of(first, 100)));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(subsets()).containsExactly(first));
    }

    @Test
    void aServiceThatLeavesTheMeshLeavesNothingThere() {
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary(MESH, "", MANUAL);
        awaitServed("churn-1");
        awaitBackends("revisions");

        applyCanary("provider: Embedded", "", MANUAL);
        awaitBackends();
        assertThat(found("virtualservices")).isEmpty();
        assertThat(found("destinationrules")).isEmpty();
    }

    /** Percentages by revision, as the last rule of the VirtualService divides what isn't matched before. */
    @SuppressWarnings("unchecked")
    private Map<String, Integer> weights() {
        var weights = new LinkedHashMap<String, Integer>();
        for (var service : found("virtualservices")) {
            var rules = (List<Map<String, Object>>) service.get("spec", "http");
            for (var route : (List<Map<String, Object>>) rules.getLast().get("route")) {
                weights.put(
                        ((Map<String, Object>) route.get("destination"))
                                .get("subset")
                                .toString(),
                        (Integer) route.get("weight"));
            }
        }
        return weights;
    }

    @SuppressWarnings("unchecked")
    private List<String> subsets() {
        return found("destinationrules").stream()
                .flatMap(rule -> ((List<Map<String, Object>>) rule.get("spec", "subsets")).stream())
                .map(subset -> subset.get("name").toString())
                .toList();
    }

    private List<GenericKubernetesResource> found(String plural) {
        return api.client()
                .genericKubernetesResources(
                        "networking.istio.io/v1",
                        plural.equals("virtualservices") ? "VirtualService" : "DestinationRule")
                .inNamespace(namespace)
                .list()
                .getItems();
    }
}
