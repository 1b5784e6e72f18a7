package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.Controllers;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; the test plays the controllers that bring pods up. */
class InferenceServiceReconcilerIT {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    private static KubeApi api;
    private static Controllers controllers;

    private String namespace;
    private MortalClient client;
    private Operator operator;

    @BeforeAll
    static void startApiServer() {
        api = KubeApi.start();
        api.installCrds(Path.of("../crds/manifests"));
        controllers = new Controllers(api);
    }

    @AfterAll
    static void stopApiServer() {
        controllers.close();
        api.close();
    }

    @BeforeEach
    void makeNamespace() {
        namespace = "it-" + NAMESPACES.incrementAndGet();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void stopOperator() {
        if (operator != null) {
            kill();
        }
    }

    @Test
    void aMissingModelVersionIsWaitedFor() {
        start(MortalClient.immortal(api));
        apply("replicas: 2, model: {versionRef: {name: churn-1}}");
        awaitCondition("Ready", "False", "ModelVersionNotFound");

        ready(version(1));

        awaitCondition("Ready", "True", "Serving");
        awaitCondition("UpToDate", "True", "AsSpecified");
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
        assertThat(eventReasons()).contains("Waiting", "Ready", "Promoted");
    }

    @Test
    void aNewProductionVersionIsRolledOutAndTheOldPodsGo() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {follow: {model: churn, stage: Production}}, rollout: {scaleDownDelay: 1s}");
        awaitServed("churn-1");

        ready(version(2));

        awaitServed("churn-2");
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(owned(Deployment.class)).hasSize(1);
            assertThat(owned(PodDisruptionBudget.class)).hasSize(1);
            assertThat(owned(ConfigMap.class)).hasSize(1);
        });
        assertThat(owned(ControllerRevision.class))
                .as("frozen revisions are kept")
                .hasSize(2);
        assertThat(status().history())
                .extracting(outcome -> outcome.modelVersion())
                .containsExactly("churn-2", "churn-1");
    }

    @Test
    void nothingIsWrittenAtRest() {
        var counting = MortalClient.immortal(api);
        start(counting);
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}, autoscaling: {minReplicas: 2, maxReplicas: 4},"
                + " resources: {requests: {cpu: 1000m, memory: 1024Mi}},"
                + " podTemplate: {spec: {containers: [{name: runtime, env: [{name: EMPTY, value: ''}]}]}}");
        awaitServed("churn-1");
        awaitQuiet(counting);
        var before = counting.written();

        // Every object changes, and with it every reason to look again; nothing of it is ours to write.
        owned(Deployment.class)
                .forEach(deployment -> api.client().resource(deployment).edit(object -> {
                    object.getMetadata().getAnnotations().put("somebody", "else");
                    return object;
                }));
        api.client()
                .resources(InferenceService.class)
                .inNamespace(namespace)
                .withName("churn")
                .edit(service -> {
                    service.getMetadata().getAnnotations().put("somebody", "else");
                    return service;
                });
        awaitQuiet(counting);

        assertThat(counting.written()).isEqualTo(before);
    }

    @Test
    void whatSomebodyChangedIsPutRight() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}");
        awaitServed("churn-1");

        owned(Deployment.class)
                .forEach(deployment -> api.client().resource(deployment).edit(object -> {
                    object.getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .setImage("somebody/else");
                    return object;
                }));
        owned(PodDisruptionBudget.class)
                .forEach(budget -> api.client().resource(budget).delete());

        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(owned(Deployment.class)).allSatisfy(deployment -> assertThat(deployment
                            .getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .getImage())
                    .isEqualTo("tatara.dev/runtime:dev"));
            assertThat(owned(PodDisruptionBudget.class)).hasSize(1);
        });
    }

    @Test
    void aStrangersServiceIsNotTakenOver() {
        var strangers = new ServiceBuilder()
                .withNewMetadata()
                .withName("churn")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "somebody-elses")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
        api.client().resource(strangers).create();
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}");

        awaitCondition("Accepted", "False", "NameTaken");
        assertThat(api.client().resource(strangers).get().getSpec().getSelector())
                .containsEntry("app", "somebody-elses");
    }

    @Test
    void aPodTemplateThatTheServerRefusesIsSaidAndNotRolledOut() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}},"
                + " podTemplate: {spec: {containers: [{name: runtime, imagePullPolicy: Sometimes}]}}");
        awaitCondition("Accepted", "False", "InvalidPodTemplate");
        assertThat(owned(Deployment.class)).isEmpty();
        assertThat(message("Accepted")).contains("imagePullPolicy").contains("Sometimes");

        apply("model: {versionRef: {name: churn-1}},"
                + " podTemplate: {spec: {containers: [{name: runtime, image: mine}]}}");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(message("Accepted")).contains("spec.containers[runtime].image"));

        apply("model: {versionRef: {name: churn-1}}");
        awaitServed("churn-1");
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        start(MortalClient.immortal(api));
        askForFirst();
        awaitServed("churn-1");
        awaitQuiet(client);
        var writesForFirst = client.written().size();
        askForSecond();
        awaitServed("churn-2");
        awaitQuiet(client);
        var writesForSecond = client.written().size() - writesForFirst;
        var undisturbed = normalized();

        for (int lifetime = 0; lifetime < Math.max(writesForFirst, writesForSecond); lifetime++) {
            kill();
            makeNamespace();
            askForFirst();
            dieAndComeBack(lifetime, "churn-1");
            kill();
            askForSecond();
            dieAndComeBack(lifetime, "churn-2");
            await("killed after %d writes".formatted(lifetime))
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(normalized()).isEqualTo(undisturbed));
        }
    }

    private void askForFirst() {
        ready(version(1));
        apply("model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {scaleDownDelay: 1s}");
    }

    private void askForSecond() {
        ready(version(2));
    }

    private void dieAndComeBack(int lifetime, String version) {
        var mortal = MortalClient.dyingAfter(api, lifetime);
        start(mortal);
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> mortal.isDead() || isServed(version));
        kill();
        start(MortalClient.immortal(api));
        awaitServed(version);
    }

    private void start(MortalClient mortal) {
        client = mortal;
        var kubernetes = mortal.client();
        operator = new Operator(
                overrider -> overrider.withKubernetesClient(kubernetes).withCloseClientOnStop(false));
        operator.register(
                new InferenceServiceReconciler(
                        kubernetes,
                        new Applier(kubernetes),
                        new StatusWriter(kubernetes),
                        new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                        Clock.systemUTC(),
                        TestSettings.with(Map.of())),
                configuration -> configuration.withGenerationAware(false).settingNamespace(namespace));
        operator.start();
    }

    private void kill() {
        operator.stop();
        operator = null;
        client.close();
    }

    private void apply(String specification) {
        var service = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: %s}
                spec: {%s}
                """.formatted(namespace, specification), InferenceService.class);
        api.client().resource(service).forceConflicts().serverSideApply();
    }

    private ModelVersion version(int number) {
        return Serialization.unmarshal(
                """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: churn-%1$d, namespace: %2$s}
                spec: {model: churn, version: "%1$d", stage: Production, source: {uri: "s3://m/%1$d.onnx"}}
                status:
                  phase: Ready
                  stage: Production
                  digest: "sha256:%3$s"
                  uri: "s3://tatara/models/sha256/%3$s"
                """.formatted(number, namespace, Integer.toString(number).repeat(64)), ModelVersion.class);
    }

    private void ready(ModelVersion version) {
        var status = version.getStatus();
        var created = api.client().resource(version).serverSideApply();
        created.setStatus(status);
        api.client().resource(created).updateStatus();
    }

    private InferenceServiceStatus status() {
        return api.client()
                .resources(InferenceService.class)
                .inNamespace(namespace)
                .withName("churn")
                .get()
                .getStatus();
    }

    private String message(String type) {
        return status().conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow()
                .message();
    }

    private void awaitCondition(String type, String status, String reason) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(status()).isNotNull().satisfies(found -> assertThat(found.conditions())
                        .anySatisfy(condition -> {
                            assertThat(condition.type()).isEqualTo(type);
                            assertThat(condition.status()).hasToString(status);
                            assertThat(condition.reason()).isEqualTo(reason);
                        })));
    }

    private boolean isServed(String version) {
        var status = status();
        return status != null
                && status.phase() == InferenceServiceStatus.Phase.Ready
                && status.stable() != null
                && version.equals(status.stable().modelVersion());
    }

    private void awaitServed(String version) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> isServed(version));
    }

    /** Waits until the operator has written nothing for a while: longer than any timer of these tests. */
    private static void awaitQuiet(MortalClient counting) {
        await().atMost(LIMIT).until(() -> counting.idleFor().compareTo(Duration.ofMillis(2500)) > 0);
    }

    private List<String> eventReasons() {
        return api.client().events().v1().events().inNamespace(namespace).list().getItems().stream()
                .map(event -> event.getReason())
                .toList();
    }

    private <T extends HasMetadata> List<T> owned(Class<T> kind) {
        return api.client()
                .resources(kind)
                .inNamespace(namespace)
                .withLabel(Labels.ownerKey(InferenceService.class), "churn")
                .list()
                .getItems();
    }

    /** Every object of the service without what differs from one run to the next: times, uids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<String, Object>();
        Stream.of(
                        ControllerRevision.class,
                        Deployment.class,
                        Service.class,
                        ConfigMap.class,
                        PodDisruptionBudget.class,
                        HorizontalPodAutoscaler.class)
                .flatMap(kind -> owned(kind).stream())
                .forEach(object -> objects.put(
                        object.getKind() + "/" + object.getMetadata().getName(), specOf(object)));
        var status = status();
        objects.put("phase", status.phase());
        objects.put("stable", status.stable().revision());
        objects.put(
                "history",
                status.history().stream().map(o -> o.revision() + o.outcome()).toList());
        return objects;
    }

    private String specOf(HasMetadata object) {
        var tree = (ObjectNode) JSON.convertValue(object, JsonNode.class);
        tree.remove("status");
        tree.set(
                "metadata", JSON.convertValue(new TreeMap<>(object.getMetadata().getLabels()), JsonNode.class));
        if (tree.get("spec") instanceof ObjectNode spec) {
            spec.remove(List.of("clusterIP", "clusterIPs"));
        }
        // Pods are told where they live.
        return tree.toString().replaceAll("\\b" + namespace + "\\b", "NAMESPACE");
    }
}
