package dev.tatara.operator.inferenceservice.gateway;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Locale;

/** Kinds of others that the operator makes objects of. */
enum RouteKind {
    HTTPRoute(RouteKind.GATEWAY_API),
    GRPCRoute(RouteKind.GATEWAY_API),
    DestinationRule(RouteKind.ISTIO),
    VirtualService(RouteKind.ISTIO);

    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String ISTIO = "networking.istio.io";
    private static final String VERSION = "v1";

    private final String group;

    RouteKind(String group) {
        this.group = group;
    }

    /** Group and version, as in a manifest. */
    String apiVersion() {
        return group + "/" + VERSION;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(VERSION)
                .withKind(name())
                .withPlural(name().toLowerCase(Locale.ROOT) + "s")
                .withNamespaced(true)
                .build();
    }
}
