package dev.tatara.e2e.cluster;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The cluster under test with the chart installed in it. What it needs to know comes from hack/verify's environment. */
public final class Cluster implements AutoCloseable {
    /** How long anything may take before a test gives up: the machines are slow and shared. */
    public static final Duration LIMIT = Duration.ofMinutes(3);

    static final String STORE_NAMESPACE = "tatara-store";

    private final Instant connectedAt = Instant.now();
    private final KubernetesClient client;
    private final String kubectl = environment("KUBECTL").orElse("kubectl");
    private final ObjectStore store;
    private final Operator operator;

    private Cluster(KubernetesClient client) {
        this.client = client;
        this.store = connectStore(client);
        this.operator = new Operator(client, environment("TATARA_NAMESPACE").orElse("tatara-system"));
    }

    /** Connects to the cluster that KUBECONFIG names. */
    public static Cluster connect() {
        if (environment("KUBECONFIG").isEmpty()) {
            throw new IllegalStateException("expected a cluster in KUBECONFIG, found none: run hack/verify --e2e,"
                    + " or eval \"$(hack/cluster env)\" where the chart is installed");
        }
        return new Cluster(new KubernetesClientBuilder().build());
    }

    public KubernetesClient client() {
        return client;
    }

    public ObjectStore store() {
        return store;
    }

    public Operator operator() {
        return operator;
    }

    /** The API server's own record of who asked it what. */
    public AuditLog auditLog() {
        var path = environment("TATARA_AUDIT_LOG")
                .orElseThrow(
                        () -> new IllegalStateException(
                                "expected the API server's audit log in TATARA_AUDIT_LOG, found none: hack/cluster writes one"));
        return new AuditLog(Path.of(path));
    }

    /** When the chart was last installed: what an earlier operator did is no concern of a test. */
    public Instant installedAt() {
        return environment("TATARA_INSTALLED_AT").map(Instant::parse).orElse(connectedAt);
    }

    /** Runs kubectl as a user would. */
    public KubectlResult kubectl(List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(kubectl);
        command.addAll(arguments);
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " did not end within " + LIMIT);
            }
            return new KubectlResult(process.exitValue(), output);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "expected kubectl as '" + kubectl + "': set KUBECTL to what hack/tools kubectl prints", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, e);
        }
    }

    @Override
    public void close() {
        store.close();
        client.close();
    }

    /** The Redis beside the object store. */
    public OnlineStore onlineStore() {
        var service =
                client.services().inNamespace(STORE_NAMESPACE).withName("redis").require();
        return new OnlineStore(service.getSpec().getClusterIP(), redisPassword());
    }

    /** The data of the Secret that lets a namespace's pods into Redis. */
    Map<String, String> redisCredentials() {
        return Map.of("host", "redis." + STORE_NAMESPACE + ".svc", "port", "6379", "password", redisPassword());
    }

    private String redisPassword() {
        return decoded(client.secrets()
                        .inNamespace(STORE_NAMESPACE)
                        .withName("redis-key")
                        .require())
                .get("password");
    }

    /** The data of the Secret that lets a namespace's pods into the store. */
    Map<String, String> storeCredentials() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", store.accessKeyId(),
                "AWS_SECRET_ACCESS_KEY", store.secretAccessKey(),
                "AWS_ENDPOINT_URL", "http://s3." + STORE_NAMESPACE + ".svc");
    }

    private static ObjectStore connectStore(KubernetesClient client) {
        var secret = decoded(client.secrets()
                .inNamespace(STORE_NAMESPACE)
                .withName("store-key")
                .require());
        var service =
                client.services().inNamespace(STORE_NAMESPACE).withName("s3").require();
        return new ObjectStore(
                URI.create("http://" + service.getSpec().getClusterIP()),
                secret.get("AWS_ACCESS_KEY_ID"),
                secret.get("AWS_SECRET_ACCESS_KEY"));
    }

    private static Map<String, String> decoded(Secret secret) {
        return secret.getData().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> new String(Base64.getDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)));
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
}
