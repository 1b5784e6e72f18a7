package dev.tatara.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.testing.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers whose certificates come from an authority that only the Secret's ca.crt knows. */
class TlsIT {
    private static final String PASSWORD = "changeit";
    private static final byte[] CONTENT = "model".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private static Path shared;

    private static Path keyStore;
    private static String certificate;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeCertificate() throws Exception {
        keyStore = shared.resolve("keys.p12");
        keytool("-genkeypair", "-alias", "tls", "-keyalg", "EC", "-dname", "CN=test", "-ext", "san=ip:127.0.0.1");
        keytool(
                "-exportcert",
                "-alias",
                "tls",
                "-rfc",
                "-file",
                shared.resolve("ca.crt").toString());
        certificate = Files.readString(shared.resolve("ca.crt"));
    }

    @Test
    void aWebServerIsTrustedThroughTheSecretAndNotWithoutIt() throws Exception {
        var server = webServer();
        try (var trusting = open(Map.of("ca.crt", certificate));
                var strict = ArtifactStore.open(settings());
                var confused = open(Map.of("ca.crt", "no certificate"))) {
            var uri = at(server, "/model.onnx");

            assertThat(trusting.read(uri, 100)).isEqualTo(CONTENT);
            assertThatThrownBy(() -> strict.read(uri, 100))
                    .satisfies(kind(Kind.Unavailable))
                    .hasMessageContaining("a private authority belongs into the Secret under the key ca.crt");
            assertThatThrownBy(() -> confused.read(uri, 100))
                    .satisfies(kind(Kind.CredentialsMissing))
                    .hasMessageContaining("expected PEM certificates under the key ca.crt");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aRedirectFromHttpsToHttpIsNotFollowed() throws Exception {
        var server = webServer();
        try (var store = open(Map.of("ca.crt", certificate))) {
            assertThatThrownBy(() -> store.read(at(server, "/downgrade"), 100))
                    .satisfies(kind(Kind.Unsupported))
                    .hasMessageContaining("to redirect to https, found a redirect to http://127.0.0.1");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anS3StoreIsTrustedThroughTheSecretAndNotWithoutIt() throws Exception {
        try (var server = S3Server.startWithTls(keyStore, PASSWORD, "models")) {
            var uri = new S3("models", "x");
            var keys = Map.of(
                    "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY_ID,
                    "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_ACCESS_KEY,
                    "AWS_ENDPOINT_URL", server.endpoint().toString());
            try (var strict = open(keys)) {
                assertThatThrownBy(() -> strict.read(uri, 100))
                        .satisfies(kind(Kind.Unavailable))
                        .hasMessageContaining("ca.crt");
            }
            var trusted = new TreeMap<>(keys);
            trusted.put("ca.crt", certificate);
            try (var trusting = open(trusted)) {
                trusting.put(uri, CONTENT);
                assertThat(trusting.read(uri, 100)).isEqualTo(CONTENT);
            }
        }
    }

    private static HttpsServer webServer() throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray());
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/model.onnx", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT);
            }
        });
        server.createContext("/downgrade", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().add("Location", "http://127.0.0.1/model.onnx");
                exchange.sendResponseHeaders(302, -1);
            }
        });
        server.start();
        return server;
    }

    private static ArtifactUri at(HttpsServer server, String path) throws ArtifactException {
        return ArtifactUri.parse("https://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private ArtifactStore open(Map<String, String> keys) throws IOException {
        var secret = S3Server.writeSecret(Files.createTempDirectory(folder, "secret"), keys);
        return ArtifactStore.open(settings().withCredentials(secret, "private"));
    }

    private static StoreSettings settings() {
        return StoreSettings.defaults().withRetries(2, Duration.ofMillis(1), Duration.ofMillis(10));
    }

    private static org.assertj.core.api.ThrowingConsumer<Throwable> kind(Kind kind) {
        return e ->
                assertThat(((ArtifactException) e).kind()).as(e.getMessage()).isEqualTo(kind);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", keyStore.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
        var process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
