package dev.tatara.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import dev.tatara.artifacts.testing.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebBackendIT {
    private static final byte[] CONTENT = new byte[1 << 20];

    static {
        new Random(7).nextBytes(CONTENT);
    }

    private HttpServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/model.onnx", exchange -> answer(exchange, 200, CONTENT));
        server.createContext("/private", exchange -> {
            var given = exchange.getRequestHeaders().getFirst("Authorization");
            answer(exchange, "Bearer t0ken".equals(given) ? 200 : 401, CONTENT);
        });
        redirect("/moved", "/model.onnx");
        redirect("/loop", "/loop");
        redirect("/metadata", "http://169.254.169.254/latest/meta-data/");
        redirect("/to-file", "file:///etc/passwd");
        server.createContext("/leaky", exchange -> {
            exchange.getResponseHeaders()
                    .add("Location", "http://localhost:" + server.getAddress().getPort() + "/private");
            answer(exchange, 302, new byte[0]);
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aFileIsFetchedAlsoThroughARedirect() throws IOException {
        try (var store = ArtifactStore.open(settings())) {
            for (var path : new String[] {"/model.onnx", "/moved"}) {
                assertThat(store.download(at(path), folder.resolve("x"), CONTENT.length))
                        .isEqualTo(Sha256.of(CONTENT));
            }
            assertThat(store.stat(at("/model.onnx")).sizeBytes()).isEqualTo(CONTENT.length);
        }
    }

    @Test
    void statusesBecomeKinds() throws IOException {
        try (var store = ArtifactStore.open(settings())) {
            assertThatThrownBy(() -> store.read(at("/nothing"), 10)).satisfies(kind(Kind.NotFound));
            assertThatThrownBy(() -> store.read(at("/private"), 10))
                    .satisfies(kind(Kind.CredentialsMissing))
                    .hasMessageContaining("name a Secret with the key token");
            assertThatThrownBy(() -> store.read(at("/model.onnx"), 10)).satisfies(kind(Kind.TooLarge));
            assertThatThrownBy(() -> store.put(at("/model.onnx"), CONTENT)).satisfies(kind(Kind.Unsupported));
        }
    }

    @Test
    void theTokenIsSentAndAWrongOneIsDenied() throws IOException {
        S3Server.writeSecret(folder, Map.of("token", "t0ken"));
        try (var store = ArtifactStore.open(settings().withCredentials(folder, "web"))) {
            assertThat(store.digest(at("/private"), CONTENT.length)).isEqualTo(Sha256.of(CONTENT));

            S3Server.writeSecret(folder, Map.of("token", "wr0ng"));
            assertThatThrownBy(() -> store.digest(at("/private"), CONTENT.length))
                    .satisfies(kind(Kind.AccessDenied))
                    .hasMessageContaining("Secret web")
                    .hasMessageNotContaining("wr0ng");
        }
    }

    @Test
    void credentialsStayWithTheirOrigin() throws IOException {
        S3Server.writeSecret(folder, Map.of("token", "t0ken"));
        try (var store = ArtifactStore.open(settings().withCredentials(folder, "web"))) {
            assertThatThrownBy(() -> store.digest(at("/leaky"), CONTENT.length))
                    .as("another host name is another origin")
                    .satisfies(kind(Kind.AccessDenied));
        }
    }

    @Test
    void redirectsDontLeadAstray() throws IOException {
        try (var store = ArtifactStore.open(settings())) {
            assertThatThrownBy(() -> store.read(at("/metadata"), 10))
                    .satisfies(kind(Kind.Unsupported))
                    .hasMessageContaining("link-local or metadata");
            assertThatThrownBy(() -> store.read(at("/to-file"), 10)).satisfies(kind(Kind.Unsupported));
            assertThatThrownBy(() -> store.read(at("/loop"), 10))
                    .satisfies(kind(Kind.Unsupported))
                    .hasMessageContaining("redirects more than 5 times");
        }
    }

    @Test
    void aBrokenAndAFailingServerAreWaitedOut() throws IOException {
        try (var relay = FlakyRelay.to(server.getAddress().getPort())
                        .next(new Fault.Answer(503), new Fault.CutResponse(300_000), new Fault.Answer(502));
                var store = ArtifactStore.open(settings())) {
            var uri = ArtifactUri.parse(relay.endpoint() + "/model.onnx");

            assertThat(store.digest(uri, CONTENT.length)).isEqualTo(Sha256.of(CONTENT));
        }
    }

    @Test
    void aServerThatStaysAwayIsUnavailable() throws IOException {
        var uri = at("/model.onnx");
        server.stop(0);
        try (var store = ArtifactStore.open(settings())) {
            assertThatThrownBy(() -> store.read(uri, 10))
                    .satisfies(kind(Kind.Unavailable))
                    .hasMessageContaining("refused");
        }
    }

    private void redirect(String path, String to) {
        server.createContext(path, exchange -> {
            exchange.getResponseHeaders().add("Location", to);
            answer(exchange, 302, new byte[0]);
        });
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, status == 200 ? body.length : -1);
            if (status == 200) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private ArtifactUri at(String path) throws ArtifactException {
        return ArtifactUri.parse("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private static StoreSettings settings() {
        return StoreSettings.defaults().withRetries(5, Duration.ofMillis(1), Duration.ofMillis(50));
    }

    private static org.assertj.core.api.ThrowingConsumer<Throwable> kind(Kind kind) {
        return e ->
                assertThat(((ArtifactException) e).kind()).as(e.getMessage()).isEqualTo(kind);
    }
}
