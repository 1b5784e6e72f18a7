package dev.tatara.operator.inferenceservice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.inferenceservice.rollout.Convergence;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class RouteAcceptanceTest {
    @Test
    void aRouteThatAllParentsTookIsInForce() {
        var convergence =
                look(3, "[%s, %s]".formatted(parent("a", 3, "True", 3, "True"), parent("b", 4, "True", 3, "True")));
        assertThat(convergence.isComplete()).isTrue();
        assertThat(convergence.generation()).isEqualTo(3);
    }

    @Test
    void aParentThatHasNotLookedIsWaitedFor() {
        assertThat(look(3, "[]")).satisfies(look -> pending(look, "Gateway shop/a has not looked at it yet"));
        assertThat(look(3, "[%s]".formatted(parent("a", 3, "True", 3, "True"))))
                .satisfies(look -> pending(look, "Gateway gateways/b"));
    }

    @Test
    void whatWasSaidOfAnEarlierGenerationSaysNothing() {
        var both = "[%s, %s]".formatted(parent("a", 2, "True", 3, "True"), parent("b", 3, "True", 3, "True"));
        assertThat(look(3, both)).satisfies(look -> pending(look, "latest state"));
    }

    @Test
    void aRefusalIsToldInTheGatewaysWords() {
        var both = "[%s, %s]".formatted(parent("a", 3, "True", 3, "True"), parent("b", 3, "True", 3, "False"));
        assertThat(look(3, both)).satisfies(look -> {
            assertThat(look.isComplete()).isFalse();
            assertThat(look.reason()).isEqualTo("RouteNotAccepted");
            assertThat(look.message())
                    .isEqualTo(
                            "HTTPRoute churn: Gateway gateways/b says ResolvedRefs=False, BackendNotFound: no Service");
        });
    }

    private static void pending(Convergence look, String message) {
        assertThat(look.isComplete()).isFalse();
        assertThat(look.reason()).isEqualTo("RoutePending");
        assertThat(look.message()).contains(message);
    }

    private static Convergence look(long generation, String parents) {
        return RouteAcceptance.of(Serialization.unmarshal("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: churn, namespace: shop, generation: %d}
                spec: {parentRefs: [{name: a}, {name: b, namespace: gateways, sectionName: web}]}
                status: {parents: %s}
                """.formatted(generation, parents), HTTPRoute.class));
    }

    /** As a controller writes it, with the defaults spelt out. */
    private static String parent(String name, int accepted, String isAccepted, int resolved, String isResolved) {
        var reference = name.equals("a")
                ? "{group: gateway.networking.k8s.io, kind: Gateway, name: a, namespace: shop}"
                : "{group: gateway.networking.k8s.io, kind: Gateway, name: b, namespace: gateways, sectionName: web}";
        return """
                {parentRef: %s, controllerName: c, conditions: [
                  {type: Accepted, status: "%s", observedGeneration: %d, reason: Accepted, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"},
                  {type: ResolvedRefs, status: "%s", observedGeneration: %d, reason: BackendNotFound, message: no Service, lastTransitionTime: "2026-01-02T03:04:05Z"}]}""".formatted(reference, isAccepted, accepted, isResolved, resolved)
                .replace("\n", " ");
    }
}
