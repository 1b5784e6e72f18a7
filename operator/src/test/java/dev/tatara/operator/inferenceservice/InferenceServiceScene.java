package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.Controllers;
import dev.tatara.operator.testing.OperatorScene;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A namespace, an operator with this one reconciler, and what tests ask of them; they play the controllers that bring pods up. */
abstract class InferenceServiceScene extends OperatorScene<InferenceService> {
    static Controllers controllers;

    final FakeTraffic traffic = new FakeTraffic();
    final FakeJudge judge = new FakeJudge();

    @BeforeAll
    static void startControllers() {
        controllers = new Controllers(api);
    }

    @AfterAll
    static void stopControllers() {
        controllers.close();
    }

    /** What divides the requests in this operator. */
    TrafficProvider trafficProvider(KubernetesClient kubernetes, ServiceWakeUps wakeUps) {
        return traffic;
    }

    @Override
    protected Reconciler<InferenceService> reconciler(KubernetesClient kubernetes) {
        var wakeUps = new ServiceWakeUps();
        return new InferenceServiceReconciler(
                kubernetes,
                new Applier(kubernetes),
                new StatusWriter(kubernetes),
                new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                Clock.systemUTC(),
                TestSettings.with(Map.of()),
                trafficProvider(kubernetes, wakeUps),
                judge,
                wakeUps,
                new SimpleMeterRegistry());
    }

    void apply(String specification) {
        var service = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: %s}
                spec: {%s}
                """.formatted(namespace, specification), InferenceService.class);
        api.client().resource(service).forceConflicts().serverSideApply();
    }

    ModelVersion version(int number) {
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

    void ready(ModelVersion version) {
        var status = version.getStatus();
        var created = api.client().resource(version).serverSideApply();
        created.setStatus(status);
        api.client().resource(created).updateStatus();
    }

    /** A policy asks for a rollback from what serves; the operator of policies isn't here to write its status. */
    void askToGoBack() {
        var policy = Serialization.unmarshal(
                """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: watch, namespace: %s}
                spec:
                  target: {inferenceService: churn}
                  service: {errorRate: 0.01}
                  actions: [{name: back, when: [ServiceLevel], then: Rollback}]
                status:
                  triggers: [{action: back, id: back-1, state: Pending, revision: "%s", reason: half of the requests fail}]
                """.formatted(namespace, status().stable().revision()), DriftPolicy.class);
        var triggers = policy.getStatus();
        var created = api.client().resource(policy).create();
        created.setStatus(triggers);
        api.client().resource(created).updateStatus();
    }

    InferenceServiceStatus status() {
        return api.client()
                .resources(InferenceService.class)
                .inNamespace(namespace)
                .withName("churn")
                .get()
                .getStatus();
    }

    String message(String type) {
        return condition(type, status().conditions()).message();
    }

    void awaitCondition(String type, String status, String reason) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(status()).isNotNull().satisfies(found -> assertThat(found.conditions())
                        .anySatisfy(condition -> {
                            assertThat(condition.type()).isEqualTo(type);
                            assertThat(condition.status()).hasToString(status);
                            assertThat(condition.reason()).isEqualTo(reason);
                        })));
    }

    boolean isServed(String version) {
        var status = status();
        return status != null
                && status.phase() == InferenceServiceStatus.Phase.Ready
                && status.stable() != null
                && version.equals(status.stable().modelVersion());
    }

    void awaitServed(String version) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> isServed(version));
    }

    <T extends HasMetadata> List<T> owned(Class<T> kind) {
        return selected(kind, Labels.ownerKey(InferenceService.class) + "=churn");
    }

    /** Somebody tells the service what to do, by an annotation of ours. */
    void annotate(String name, String value) {
        annotate(
                api.client()
                        .resources(InferenceService.class)
                        .inNamespace(namespace)
                        .withName("churn"),
                Labels.GROUP + "/" + name,
                value);
    }
}
