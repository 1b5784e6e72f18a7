package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.runtime.TestModels;
import dev.tatara.traffic.SigningKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be served ends the process with 1 and one line that says why. */
class CannotServeIT {
    private static final Map<String, String> IRIS =
            Map.of("MODEL_URI", TestModels.path("iris").toUri().toString());

    private static void ends(Map<String, String> environment, String... words) throws Exception {
        try (ServerProcess server = ServerProcess.launch(environment)) {
            assertThat(server.awaitExit()).as(server.log()).isEqualTo(1);
            assertThat(server.log().lines().filter(line -> line.contains("ERROR")))
                    .singleElement()
                    .asString()
                    .contains(words);
            assertThat(server.log()).doesNotContain("\tat ");
        }
    }

    private static Map<String, String> iris(String key, String value) {
        Map<String, String> environment = new HashMap<>(IRIS);
        environment.put(key, value);
        return environment;
    }

    @Test
    void settingsThatMakeNoSense() throws Exception {
        ends(Map.of(), "tatara.runtime.model.uri is missing", "MODEL_URI");
        ends(iris("TATARA_RUNTIME_DRAIN_DELAY", "-5s"), "tatara.runtime.drain.delay must not be negative");
        ends(iris("MODEL_SHA256", "abc"), "tatara.runtime.model.sha256 must be 64 lower-case hexadecimal digits");
    }

    @Test
    void settingsOfRoutingThatMakeNoSense(@TempDir Path folder) throws Exception {
        Map<String, String> routed = iris(
                "TATARA_RUNTIME_TRAFFIC_TABLE", folder.resolve("table.json").toString());
        ends(
                routed,
                "tatara.runtime.traffic.public-key is missing",
                "tatara.runtime.traffic.service-uid is missing",
                "tatara.runtime.revision is missing");

        routed.put("TATARA_REVISION", "stable");
        routed.put("TATARA_SERVICE_UID", "uid");
        routed.put("TATARA_TRAFFIC_PUBLIC_KEY", "abc");
        routed.put("TATARA_RUNTIME_TRAFFIC_PEER_PORT", "70000");
        ends(
                routed,
                "tatara.runtime.traffic.public-key can't be read",
                "tatara.runtime.traffic.peer-port must be",
                "70000");

        routed.put(
                "TATARA_TRAFFIC_PUBLIC_KEY",
                SigningKeys.text(SigningKeys.generate().getPublic()));
        routed.put("TATARA_RUNTIME_HTTP_PORT", "8099");
        routed.put("TATARA_RUNTIME_TRAFFIC_PEER_PORT", "8099");
        ends(routed, "tatara.runtime.traffic.peer-port must differ from the other ports, got 8099");
    }

    @Test
    void settingsThatCannotBeRead() throws Exception {
        try (ServerProcess server = ServerProcess.launch(iris("TATARA_RUNTIME_DRAIN_DELAY", "soon"))) {
            assertThat(server.awaitExit()).as(server.log()).isEqualTo(1);
            assertThat(server.log())
                    .contains("tatara.runtime.drain.delay", "soon")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void modelsThatCannotBeLoaded(@TempDir Path folder) throws Exception {
        ends(
                Map.of("MODEL_URI", folder.resolve("absent.onnx").toUri().toString()),
                "absent.onnx",
                "there is no such file");
        Path garbage = Files.writeString(folder.resolve("garbage.onnx"), "this is no model");
        ends(
                Map.of("MODEL_URI", garbage.toUri().toString()),
                "ONNX Runtime 1.29.0 cannot load the model",
                "garbage.onnx");
        ends(Map.of("MODEL_URI", TestModels.path("opset-999").toUri().toString()), "cannot load the model", "opset");
        ends(Map.of("MODEL_URI", "gopher://models/1"), "tatara.runtime.model.uri", "gopher");
    }

    @Test
    void aModelWithAnotherDigest() throws Exception {
        ends(
                iris("MODEL_SHA256", "0".repeat(64)),
                "has sha256",
                "expected " + "0".repeat(64),
                "not the file that was verified");
    }

    @Test
    void aStoreThatIsAwayForAMomentIsWaitedForAndOneThatRefusesIsNot(@TempDir Path folder) throws Exception {
        byte[] model = Files.readAllBytes(TestModels.path("iris"));
        AtomicInteger asked = new AtomicInteger();
        HttpServer store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        store.createContext("/flaky/model.onnx", exchange -> {
            boolean away = asked.incrementAndGet() <= 2;
            exchange.sendResponseHeaders(away ? 503 : 200, away ? -1 : model.length);
            if (!away) {
                exchange.getResponseBody().write(model);
            }
            exchange.close();
        });
        store.createContext("/secret/model.onnx", exchange -> {
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
        });
        store.start();
        try {
            String base = "http://localhost:" + store.getAddress().getPort();
            try (ServerProcess server = ServerProcess.start(Map.of(
                    "MODEL_URI", base + "/flaky/model.onnx", "TATARA_RUNTIME_MODEL_DIRECTORY", folder.toString()))) {
                assertThat(server.post("/predict", "[5.1,3.5,1.4,0.2]").statusCode())
                        .isEqualTo(200);
                assertThat(asked.get()).isGreaterThanOrEqualTo(3);
                assertThat(folder).as("the download is gone once it is loaded").isEmptyDirectory();
            }
            ends(Map.of("MODEL_URI", base + "/secret/model.onnx"), "cannot fetch the model", "403");
        } finally {
            store.stop(0);
        }
    }

    @Test
    void portsThatAreTaken() throws Exception {
        try (ServerProcess first = ServerProcess.start(IRIS)) {
            ends(
                    iris("TATARA_RUNTIME_HTTP_PORT", String.valueOf(first.port())),
                    "cannot listen on ports " + first.port());
        }
    }
}
