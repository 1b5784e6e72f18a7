package dev.tatara.operator.inferenceservice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.operator.testing.GoldenFolder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What stands before a service at each {@link GatewayCase}: golden folders. */
class GatewayRenderingTest {
    private static final String CASES = "dev.tatara.operator.inferenceservice.gateway.GatewayCase#all";
    private static final Path ROOT = Path.of("src/test/resources/gateway");

    @ParameterizedTest
    @MethodSource(CASES)
    void routesOfTheGatewayApi(GatewayCase moment) throws IOException {
        compare("gateway-api", moment, moment.behindGateway("shop"));
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void rulesOfIstio(GatewayCase moment) throws IOException {
        compare("istio", moment, moment.inMesh("shop"));
    }

    /** Data planes name what is behind a rule by its place. */
    @ParameterizedTest
    @MethodSource(CASES)
    void rulesThatDivideKeepTheirPlaceInARollout(GatewayCase moment) {
        var now = routeOf(moment.behindGateway("shop"));
        var atRest = routeOf(moment.atRest().behindGateway("shop"));

        assertThat(now.subList(0, atRest.size())).isEqualTo(atRest);
    }

    /** What each rule of a route matches. */
    private static List<JsonNode> routeOf(List<HasMetadata> objects) {
        var spec = new KubernetesSerialization()
                .convertValue(objects.getLast(), JsonNode.class)
                .path("spec");
        return StreamSupport.stream(spec.path("rules").spliterator(), false)
                .map(rule -> rule.path("matches"))
                .toList();
    }

    private static void compare(String provider, GatewayCase moment, List<HasMetadata> objects) throws IOException {
        var outputs = new TreeMap<String, HasMetadata>();
        objects.forEach(object -> outputs.put(GoldenFolder.fileOf(object), object));
        GoldenFolder.compare(ROOT.resolve(provider).resolve(moment.name()), outputs);
    }
}
