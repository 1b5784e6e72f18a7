package dev.tatara.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An object store and a Redis of one namespace's own, made like those that all share. They may go away, as if their
 * process had ended and nobody answered at their address, and come back with what they had.
 */
public final class Neighbours {
    /** One of them, by the name of its Deployment and its Service. */
    public enum Neighbour {
        Store("s3", 80, "store-key"),
        Redis("redis", 6379, "redis-key");

        private final String app;
        private final int port;
        private final String secret;

        Neighbour(String app, int port, String secret) {
            this.app = app;
            this.port = port;
            this.secret = secret;
        }
    }

    /** Credentials for the store, in the namespace. */
    private static final String STORE_SECRET = "own-store";

    private static final String APP = "app.kubernetes.io/name";
    private static final String NO_IMAGE = "tatara.dev/gone:none";
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Cluster cluster;
    private final KubernetesClient client;
    private final TestNamespace namespace;
    private final Map<Neighbour, String> images = new HashMap<>();

    public Neighbours(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.client = cluster.client();
        this.namespace = namespace;
    }

    /** Starts both and makes the Secrets {@value #STORE_SECRET} and {@code redis}. */
    public void start() {
        for (var neighbour : Neighbour.values()) {
            copy(neighbour);
        }
        namespace.createSecret(STORE_SECRET, with(cluster.storeCredentials(), "AWS_ENDPOINT_URL", endpoint()));
        namespace.createSecret("redis", with(cluster.redisCredentials(), "host", "redis." + namespace.name() + ".svc"));
        for (var neighbour : Neighbour.values()) {
            awaitReady(neighbour);
            images.put(
                    neighbour,
                    pod(neighbour).getSpec().getContainers().getFirst().getImage());
        }
    }

    /** A manifest of a resource, with the store of the namespace in its spec. */
    public String inOwnStore(String manifest) {
        return manifest
                + "  artifactStore: {uri: s3://tatara/artifacts, endpoint: \"%s\", secretRef: {name: %s}}%n"
                        .formatted(endpoint(), STORE_SECRET);
    }

    /** The store, reached from outside. */
    public ObjectStore store() {
        return new ObjectStore(
                namespace.address(Neighbour.Store.app),
                cluster.store().accessKeyId(),
                cluster.store().secretAccessKey());
    }

    /** The Redis, reached from outside. */
    public OnlineStore onlineStore() {
        return new OnlineStore(
                namespace.host(Neighbour.Redis.app, Neighbour.Redis.port),
                cluster.redisCredentials().get("password"));
    }

    /** Ends the process; returns when nobody answers any more. */
    public void goAway(Neighbour neighbour) {
        // The pod stays, and so do its volumes; that there is no such image keeps its container from starting.
        runImage(neighbour, NO_IMAGE);
        await(neighbour + " to be gone").atMost(LIMIT).untilAsserted(() -> assertThat(
                        pod(neighbour).getStatus().getContainerStatuses())
                .allSatisfy(container ->
                        assertThat(container.getState().getRunning()).isNull()));
    }

    /** Starts the process again; returns when it answers. */
    public void comeBack(Neighbour neighbour) {
        runImage(neighbour, images.get(neighbour));
        awaitReady(neighbour);
    }

    private void runImage(Neighbour neighbour, String image) {
        client.resource(pod(neighbour)).edit(pod -> new PodBuilder(pod)
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .build());
    }

    private void awaitReady(Neighbour neighbour) {
        await(neighbour + " to be ready")
                .atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> Readiness.isPodReady(pod(neighbour)));
        namespace.host(neighbour.app, neighbour.port);
    }

    private Pod pod(Neighbour neighbour) {
        var pods = namespace.pods(Map.of(APP, neighbour.app));
        assertThat(pods).as("pods of %s", neighbour).hasSize(1);
        return pods.getFirst();
    }

    private String endpoint() {
        return "http://s3." + namespace.name() + ".svc";
    }

    private void copy(Neighbour neighbour) {
        var shared = Cluster.STORE_NAMESPACE;
        var secret =
                client.secrets().inNamespace(shared).withName(neighbour.secret).require();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName(neighbour.secret)
                        .endMetadata()
                        .withData(secret.getData())
                        .build())
                .create();
        var service =
                client.services().inNamespace(shared).withName(neighbour.app).require();
        client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName(neighbour.app)
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(service.getSpec().getSelector())
                        .withPorts(service.getSpec().getPorts())
                        .endSpec()
                        .build())
                .create();
        var deployment = client.apps()
                .deployments()
                .inNamespace(shared)
                .withName(neighbour.app)
                .require();
        var copied = new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(namespace.name())
                .withName(neighbour.app)
                .endMetadata()
                .withSpec(deployment.getSpec());
        if (neighbour == Neighbour.Redis) {
            // What it holds outlives its process.
            copied.editSpec()
                    .editTemplate()
                    .editSpec()
                    .addNewVolume()
                    .withName("data")
                    .withEmptyDir(new EmptyDirVolumeSource())
                    .endVolume()
                    .editFirstContainer()
                    .addAllToArgs(List.of("--dir", "/data", "--appendonly", "yes", "--appendfsync", "always"))
                    .addNewVolumeMount()
                    .withName("data")
                    .withMountPath("/data")
                    .endVolumeMount()
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec();
        }
        client.resource(copied.build()).create();
    }

    private static Map<String, String> with(Map<String, String> data, String key, String value) {
        var changed = new HashMap<>(data);
        changed.put(key, value);
        return changed;
    }
}
