package dev.tatara.operator.inferenceservice.gateway;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Locale;

/** Kinds of others that the operator makes objects of. */
enum RouteKind {
    HTTPRoute(RouteKind.GATEWAY_API, "v1"),
    GRPCRoute(RouteKind.GATEWAY_API, "v1"),
    DestinationRule(RouteKind.ISTIO, "v1"),
    VirtualService(RouteKind.ISTIO, "v1");

    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String ISTIO = "networking.istio.io";

    private final String group;
    private final String version;

    RouteKind(String group, String version) {
        this.group = group;
        this.version = version;
    }

    /** Group and version, as in a manifest. */
    String apiVersion() {
        return group + "/" + version;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(name())
                .withPlural(name().toLowerCase(Locale.ROOT) + "s")
                .withNamespaced(true)
                .build();
    }
}
