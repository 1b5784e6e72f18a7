package dev.tatara.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A namespace of one test class, in which pods must keep to the restricted Pod Security Standard. */
public final class TestNamespace {
    /** Every namespace of these tests has this label, so that what an aborted run left can be found. */
    public static final String LABEL = "tatara.dev/e2e";

    private static final String GROUP = "mlops.tatara.dev";

    private final Cluster cluster;
    private final String name;

    private TestNamespace(Cluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    /** Makes the namespace, with the Secret that lets its pods into the artifact store. */
    static TestNamespace create(Cluster cluster, String name) {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels(LABEL, "true")
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        var namespace = new TestNamespace(cluster, name);
        namespace.createSecret("tatara-artifact-store", cluster.storeCredentials());
        return namespace;
    }

    public String name() {
        return name;
    }

    /** A Secret as its documentation asks for, with the store's endpoint and credentials. */
    public Map<String, String> storeCredentials() {
        return cluster.storeCredentials();
    }

    /** A Secret as its documentation asks for, with the address and the password of Redis. */
    public Map<String, String> redisCredentials() {
        return cluster.redisCredentials();
    }

    public void createSecret(String secret, Map<String, String> data) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(name)
                        .withName(secret)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .serverSideApply();
    }

    /** A key in the object store that no other namespace uses. */
    public String key(String file) {
        return name + "/" + file;
    }

    /** Uploads a model from src/test/resources/models under a key of this namespace's own; returns its URI. */
    public String upload(String model) {
        return cluster.store().putModel(key(model + ".onnx"), model);
    }

    /** Applies manifests as kubectl apply --server-side or a GitOps controller would; returns the objects. */
    public List<HasMetadata> apply(String manifests) {
        var applied = new ArrayList<HasMetadata>();
        for (var object : cluster.client().load(Bytes.of(manifests)).items()) {
            applied.add(cluster.client()
                    .resource(object)
                    .inNamespace(name)
                    .fieldManager("e2e")
                    .serverSideApply());
        }
        return applied;
    }

    /** Runs kubectl in this namespace. */
    public KubectlResult kubectl(String... arguments) {
        var all = new ArrayList<>(List.of("--namespace", name));
        all.addAll(List.of(arguments));
        return cluster.kubectl(all);
    }

    public MixedOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> kind(String kind) {
        return cluster.client()
                .genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup(GROUP)
                        .withVersion("v1alpha1")
                        .withKind(kind)
                        .withNamespaced(true)
                        .build());
    }

    public CustomObject modelVersion(String object) {
        return new CustomObject(named("ModelVersion", object));
    }

    public CustomObject inferenceService(String object) {
        return new CustomObject(named("InferenceService", object));
    }

    public CustomObject featureView(String object) {
        return new CustomObject(named("FeatureView", object));
    }

    public CustomObject trainingJob(String object) {
        return new CustomObject(named("TrainingJob", object));
    }

    public CustomObject driftPolicy(String object) {
        return new CustomObject(named("DriftPolicy", object));
    }

    private GenericKubernetesResource named(String kind, String object) {
        return kind(kind).inNamespace(name).withName(object).require();
    }

    /** Listens to an object of one of our kinds from now on. */
    public Story storyOf(String kind, String object) {
        return new Story(kind(kind).inNamespace(name).withName(object));
    }

    /** Deletes an object of one of our kinds and returns at once. */
    public void delete(String kind, String object) {
        kind(kind).inNamespace(name).withName(object).delete();
    }

    /** Whether an object is still there. */
    public boolean exists(String kind, String object) {
        return kind(kind).inNamespace(name).withName(object).get() != null;
    }

    /** Waits until a ModelVersion satisfies an assertion. */
    public CustomObject awaitModelVersion(String object, Consumer<CustomObject> assertion) {
        return awaitObject("ModelVersion", object, Cluster.LIMIT, assertion);
    }

    /** Waits until an InferenceService satisfies an assertion. */
    public CustomObject awaitInferenceService(String object, Consumer<CustomObject> assertion) {
        return awaitObject("InferenceService", object, Cluster.LIMIT, assertion);
    }

    /** Waits until a FeatureView satisfies an assertion. */
    public CustomObject awaitFeatureView(String object, Consumer<CustomObject> assertion) {
        return awaitObject("FeatureView", object, Cluster.LIMIT, assertion);
    }

    /** Waits until a TrainingJob satisfies an assertion. */
    public CustomObject awaitTrainingJob(String object, Duration limit, Consumer<CustomObject> assertion) {
        return awaitObject("TrainingJob", object, limit, assertion);
    }

    /** Waits until a DriftPolicy satisfies an assertion. */
    public CustomObject awaitDriftPolicy(String object, Duration limit, Consumer<CustomObject> assertion) {
        return awaitObject("DriftPolicy", object, limit, assertion);
    }

    /** Waits until a service serves a ModelVersion, and that one alone. */
    public CustomObject awaitServing(String service, String modelVersion) {
        return awaitInferenceService(service, object -> {
            assertThat(object.status("stable", "modelVersion")).as("stable").isEqualTo(modelVersion);
            object.hasCondition("Ready", "True").hasCondition("UpToDate", "True");
            assertThat(object.status("candidate")).as("candidate").isNull();
        });
    }

    private CustomObject awaitObject(String kind, String object, Duration limit, Consumer<CustomObject> assertion) {
        await(kind + " " + object)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> assertion.accept(new CustomObject(named(kind, object))));
        return new CustomObject(named(kind, object));
    }

    /** Jobs of this namespace with the labels. */
    public List<Job> jobs(Map<String, String> labels) {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(name)
                .withLabels(labels)
                .list()
                .getItems();
    }

    /** Pods of this namespace with the labels. */
    public List<Pod> pods(Map<String, String> labels) {
        return cluster.client()
                .pods()
                .inNamespace(name)
                .withLabels(labels)
                .list()
                .getItems();
    }

    /** Names of this namespace's Services with the labels, sorted. */
    public List<String> services(Map<String, String> labels) {
        return cluster.client().services().inNamespace(name).withLabels(labels).list().getItems().stream()
                .map(service -> service.getMetadata().getName())
                .sorted()
                .toList();
    }

    /**
     * Where a Service of this namespace answers, as seen from the test. Returns when the node lets connections through:
     * its proxy refuses them until it has heard of the Service's first endpoint, up to a second after that one is ready.
     */
    public URI address(String service) {
        return URI.create("http://" + host(service, 80));
    }

    /** The same for a port that speaks something else: the host. */
    String host(String service, int port) {
        var spec = cluster.client()
                .services()
                .inNamespace(name)
                .withName(service)
                .require()
                .getSpec();
        await("the node's way to Service " + service)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> connect(spec.getClusterIP(), port));
        return spec.getClusterIP();
    }

    private static void connect(String host, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 2_000);
        } catch (IOException e) {
            throw new AssertionError("can't connect to " + host + ":" + port, e);
        }
    }

    /** Asks for the end of the namespace with all there is in it. */
    public void delete() {
        cluster.client().namespaces().withName(name).delete();
    }
}
