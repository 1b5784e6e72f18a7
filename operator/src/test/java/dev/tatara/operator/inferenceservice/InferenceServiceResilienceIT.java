package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the reconciler writes when nothing, or something else than the spec, changed, and when it is killed in between. */
class InferenceServiceResilienceIT extends InferenceServiceScene {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    @Test
    void nothingIsWrittenAtRest() {
        var counting = MortalClient.immortal(api);
        start(counting);
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}, autoscaling: {minReplicas: 2, maxReplicas: 4},"
                + " resources: {requests: {cpu: 1000m, memory: 1024Mi}},"
                + " podTemplate: {spec: {containers: [{name: runtime, env: [{name: EMPTY, value: ''}]}]}}");
        awaitServed("churn-1");
        awaitQuiet();
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
        awaitQuiet();

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
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        KillStory.in(this)
                .ask(this::askForFirst, () -> isServed("churn-1"))
                .ask(this::askForSecond, () -> isServed("churn-2"))
                .leavesTheSame(this::normalized, () -> {});
    }

    @Test
    void anOperatorKilledAfterAnyWriteOfARollbackLeadsToTheSameObjects() {
        KillStory.in(this, this::serveSecond)
                .ask(this::askToGoBack, this::isBack)
                .leavesTheSame(this::normalized, () -> {});
    }

    private void serveSecond() {
        askForFirst();
        awaitServed("churn-1");
        askForSecond();
        awaitServed("churn-2");
    }

    private boolean isBack() {
        var status = status();
        return status.phase() == Phase.RolledBack
                && status.stable() != null
                && "churn-1".equals(status.stable().modelVersion());
    }

    private void askForFirst() {
        ready(version(1));
        apply("model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {scaleDownDelay: 1s}");
    }

    private void askForSecond() {
        ready(version(2));
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
        objects.put(
                "rejected",
                status.rejected().stream()
                        .map(rejection -> rejection.revision() + rejection.digest() + rejection.quarantine())
                        .toList());
        objects.put("handled", String.valueOf(status.handled()));
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
