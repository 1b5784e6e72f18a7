package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.operator.testing.GoldenFolder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
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

    private static void compare(String provider, GatewayCase moment, List<HasMetadata> objects) throws IOException {
        var outputs = new TreeMap<String, HasMetadata>();
        objects.forEach(object -> outputs.put(GoldenFolder.fileOf(object), object));
        GoldenFolder.compare(ROOT.resolve(provider).resolve(moment.name()), outputs);
    }
}
