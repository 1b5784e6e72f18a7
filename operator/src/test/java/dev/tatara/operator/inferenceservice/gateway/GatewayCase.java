package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Routing.Match;
import dev.tatara.operator.inferenceservice.rollout.Routing.Mirror;
import dev.tatara.operator.inferenceservice.rollout.Routing.Share;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.stream.Stream;

/** A service behind a Gateway or in a mesh, as it is at some moment of a rollout. */
record GatewayCase(String name, String protocols, Routing routing) {
    private static final String STABLE = "1a";
    private static final String CANDIDATE = "2b";
    private static final String BOTH = "{}";
    private static final String REST = "{grpc: false}";
    private static final String GRPC = "{rest: false}";

    private static final String GATEWAY = """
            provider: GatewayAPI
                gatewayApi:
                  parentRefs: [{name: public, namespace: gateways, sectionName: web}]
                  hostnames: [churn.example.com]""";
    private static final String MESH = """
            provider: Istio
                istio: {gateways: [istio-system/public, mesh], hosts: [churn.example.com]}""";

    static Stream<GatewayCase> all() {
        var someCopies = new Mirror(CANDIDATE, 20, 0);
        var match = new Match("X-Canary", "true", CANDIDATE);
        return Stream.of(
                new GatewayCase("at-rest", BOTH, Routing.to(STABLE)),
                new GatewayCase("canary", BOTH, routing(5, false, List.of(match), someCopies)),
                new GatewayCase("copies-only", REST, routing(0, false, List.of(), new Mirror(CANDIDATE, 100, 0))),
                new GatewayCase("grpc-only", GRPC, routing(50, false, List.of(match), someCopies)),
                new GatewayCase("rolled-back", REST, routing(0, true, List.of(), null)));
    }

    /** The same service before its rollout. */
    GatewayCase atRest() {
        return new GatewayCase(name, protocols, Routing.to(STABLE));
    }

    private static Routing routing(int weight, boolean closed, List<Match> matches, Mirror mirror) {
        return new Routing(
                List.of(new Share(CANDIDATE, weight, closed), new Share(STABLE, 100 - weight, false)),
                matches,
                null,
                "salt",
                mirror);
    }

    List<HasMetadata> behindGateway(String namespace) {
        return GatewayRoutes.render(service(GATEWAY, namespace), routing);
    }

    List<HasMetadata> inMesh(String namespace) {
        return MeshRules.render(service(MESH, namespace), routing);
    }

    private InferenceService service(String traffic, String namespace) {
        return Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: %s, uid: 5d2c7c1e-0000-4000-8000-000000000001}
                spec:
                  model: {versionRef: {name: churn-1}}
                  protocols: %s
                  traffic:
                    %s
                """.formatted(namespace, protocols, traffic), InferenceService.class);
    }

    @Override
    public String toString() {
        return name;
    }
}
