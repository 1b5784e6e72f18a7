package dev.tatara.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** An API server, a namespace of its own for each test, and an operator with one reconciler that tests start and kill. */
public abstract class OperatorScene<P extends HasMetadata> {
    protected static final Duration LIMIT = Duration.ofSeconds(60);
    private static final KubernetesSerialization JSON = new KubernetesSerialization();
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    protected static KubeApi api;

    protected String namespace;
    protected MortalClient client;
    private Operator operator;

    /** The reconciler of the operator that is started; it writes by this client. */
    protected abstract Reconciler<P> reconciler(KubernetesClient kubernetes);

    @BeforeAll
    protected static void startApiServer() {
        api = KubeApi.start();
        api.installCrds(Path.of("../crds/manifests"));
    }

    @AfterAll
    protected static void stopApiServer() {
        api.close();
    }

    @BeforeEach
    protected void makeNamespace() {
        namespace = "it-" + NAMESPACES.incrementAndGet();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        // Pods that the operator makes must get by in the strictest of namespaces.
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    protected void stopOperator() {
        if (operator != null) {
            kill();
        }
    }

    public void start(MortalClient mortal) {
        client = mortal;
        var kubernetes = mortal.client();
        operator = new Operator(
                overrider -> overrider.withKubernetesClient(kubernetes).withCloseClientOnStop(false));
        operator.register(
                reconciler(kubernetes),
                configuration -> configuration.withGenerationAware(false).settingNamespace(namespace));
        operator.start();
    }

    public void kill() {
        operator.stop();
        operator = null;
        client.close();
    }

    /** Proves that the operator has nothing to write: once all is done, and after somebody touched what it looks at. */
    protected void assertQuiet(Runnable touch) {
        awaitQuiet();
        var before = client.written();
        touch.run();
        awaitQuiet();
        assertThat(client.written()).isEqualTo(before);
    }

    /** Proves that an operator that is started when all is done has nothing to write. */
    protected void assertQuietAfterRestart() {
        kill();
        start(MortalClient.immortal(api));
        awaitQuiet();
        assertThat(client.written()).isEmpty();
    }

    /** Applies an object as a person does: what others wrote into it is overwritten. */
    protected static <T extends HasMetadata> T applied(Class<T> kind, String yaml) {
        return applied(Serialization.unmarshal(yaml, kind));
    }

    /** Applies an object of another's, and the status that somebody wrote into it. */
    protected static <S, T extends CustomResource<?, S>> T appliedWithStatus(Class<T> kind, String yaml) {
        T desired = Serialization.unmarshal(yaml, kind);
        var status = desired.getStatus();
        desired.setStatus(null);
        T applied = applied(desired);
        applied.setStatus(status);
        applied.getMetadata().setResourceVersion(null);
        return api.client().resource(applied).updateStatus();
    }

    private static <T extends HasMetadata> T applied(T desired) {
        return api.client().resource(desired).forceConflicts().serverSideApply();
    }

    /** Sets an annotation, whatever the operator changes meanwhile. */
    protected static void annotate(Resource<?> object, String annotation, String value) {
        object.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                JSON.asJson(Map.of("metadata", Map.of("annotations", Map.of(annotation, value)))));
    }

    /** Objects of a kind, in the test's namespace. */
    protected <T extends HasMetadata> List<T> selected(Class<T> kind, String selector) {
        return api.client()
                .resources(kind)
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems();
    }

    /** The condition of a type; that there is none fails the test. */
    protected static Condition condition(String type, List<Condition> conditions) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no condition " + type + " in " + conditions));
    }

    /** The arguments of the container that a Job's pods run last. */
    protected static List<String> argumentsOf(Job job) {
        return job.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs();
    }

    /** A status, but for the times of its conditions: they differ from one time to the next. */
    protected static ObjectNode withoutTimes(Object status) {
        var tree = (ObjectNode) JSON.convertValue(status, JsonNode.class);
        tree.path("conditions").forEach(condition -> ((ObjectNode) condition).remove("lastTransitionTime"));
        return tree;
    }

    /** Labels of objects, by name. */
    protected static Map<String, Object> labelsOf(List<? extends HasMetadata> objects) {
        var labels = new TreeMap<String, Object>();
        objects.forEach(object ->
                labels.put(object.getMetadata().getName(), object.getMetadata().getLabels()));
        return labels;
    }

    /** What comes out the same in every namespace. */
    protected String anywhere(Object text) {
        return text.toString().replace(namespace, "NAMESPACE");
    }

    /** Waits until events with these reasons are about the object of that name. */
    protected void awaitEvents(String object, String... reasons) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(eventsAbout(object)).contains(reasons));
    }

    /** The reasons of the events about the object of that name. */
    protected List<String> eventsAbout(String object) {
        return api.client().events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getRegarding().getName().equals(object))
                .map(event -> event.getReason())
                .toList();
    }

    /** Waits until the operator has written nothing for a while: longer than any timer of these tests. */
    protected void awaitQuiet() {
        await().atMost(LIMIT).until(() -> client.idleFor().compareTo(Duration.ofMillis(2500)) > 0);
    }
}
