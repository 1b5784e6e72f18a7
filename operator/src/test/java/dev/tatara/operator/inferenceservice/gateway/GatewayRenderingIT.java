package dev.tatara.operator.inferenceservice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.testing.CachedTool;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real API server with the CRDs of the Gateway API and of Istio takes what is rendered, and it stays as it is. */
class GatewayRenderingIT {
    private static final String CASES = "dev.tatara.operator.inferenceservice.gateway.GatewayCase#all";

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private static int namespaces;

    @BeforeAll
    static void start() {
        api.installCrds(CachedTool.folder("gateway-api"));
        api.installCrds(CachedTool.folder("istio-api"));
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void routesOfTheGatewayApiAreTaken(GatewayCase moment) {
        isTakenAndStays(moment.behindGateway(namespace()));
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void rulesOfIstioAreTaken(GatewayCase moment) {
        isTakenAndStays(moment.inMesh(namespace()));
    }

    /** Applied twice, the second time by an operator that knows nothing of the first: what the server adds is no change. */
    private static void isTakenAndStays(List<HasMetadata> objects) {
        var first = new Applier(api.client());
        for (var object : objects) {
            assertThat(first.apply(object, null)).isTrue();
        }
        var second = new Applier(api.client());
        for (var object : objects) {
            object.getMetadata().getAnnotations().clear();
            var observed = api.client().resource(object).get();
            assertThat(second.apply(object, observed))
                    .as("whether %s is written again", object.getKind())
                    .isFalse();
        }
    }

    private static String namespace() {
        var name = "it-" + ++namespaces;
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }
}
