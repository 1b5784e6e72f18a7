package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.Autoscaling;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The objects of a service other than its pods: one function each. */
public final class ServingObjects {
    /** When the Service began to select its revision: on the Service itself, so that it changes with the selector. */
    static final String SELECTED_AT = Labels.GROUP + "/selected-at";

    private static final String APPLICATION = "tatara-runtime";
    private static final String BACKEND = "backend";
    private static final int DEFAULT_CPU_UTILIZATION = 80;

    private ServingObjects() {}

    static Map<String, String> labels(InferenceService service, String revision) {
        var labels = Labels.of(service, APPLICATION, "inference");
        labels.put(Labels.REVISION, revision);
        return labels;
    }

    /** Selects the pods of one revision of the service. */
    static Map<String, String> selector(InferenceService service, String revision) {
        var selector = new LinkedHashMap<String, String>();
        selector.put(
                Labels.ownerKey(InferenceService.class), service.getMetadata().getName());
        selector.put(Labels.REVISION, revision);
        return selector;
    }

    static ObjectMeta metadata(InferenceService service, String name, String revision) {
        return metadata(service, name, labels(service, revision));
    }

    /**
     * The Deployment of a revision.
     *
     * @param trafficKey the public key that traffic tables are signed with
     */
    static Deployment deployment(
            InferenceService service, Revision revision, Duration progressDeadline, String trafficKey) {
        // Replicas are left out: scaling has a field manager of its own, so that handing them to an autoscaler never
        // resets them.
        return new DeploymentBuilder()
                .withMetadata(metadata(service, Revision.objectName(service, revision.id()), revision.id()))
                .withNewSpec()
                .withProgressDeadlineSeconds((int) progressDeadline.toSeconds())
                .withRevisionHistoryLimit(1)
                .withNewSelector()
                .withMatchLabels(selector(service, revision.id()))
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxSurge(new IntOrString(1))
                .withMaxUnavailable(new IntOrString(0))
                .endRollingUpdate()
                .endStrategy()
                .withTemplate(PodRenderer.trusting(
                        revision.frozen().template(), service.getMetadata().getUid(), trafficKey))
                .endSpec()
                .build();
    }

    static ConfigMap configuration(InferenceService service, Revision revision) {
        var builder = new ConfigMapBuilder()
                .withMetadata(metadata(service, Revision.objectName(service, revision.id()), revision.id()))
                .withImmutable(true)
                .addToData("application.properties", revision.frozen().configuration());
        if (revision.frozen().features() != null) {
            builder.addToData(LookupRendering.FILE, revision.frozen().features());
        }
        return builder.build();
    }

    /** The name of the ConfigMap with a service's traffic table. */
    public static String trafficName(InferenceService service) {
        return service.getMetadata().getName() + "-traffic";
    }

    /** The signed table of a service. It belongs to no revision. */
    public static ConfigMap traffic(InferenceService service, String document) {
        return new ConfigMapBuilder()
                .withMetadata(metadata(service, trafficName(service), Labels.of(service, APPLICATION, "inference")))
                .addToData(PodRenderer.TRAFFIC_FILE, document)
                .build();
    }

    static PodDisruptionBudget disruptionBudget(InferenceService service, Revision revision) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(metadata(service, Revision.objectName(service, revision.id()), revision.id()))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                .withNewSelector()
                .withMatchLabels(selector(service, revision.id()))
                .endSelector()
                // A pod that isn't ready protects nobody, and must not hold up a drain.
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .endSpec()
                .build();
    }

    static Service service(InferenceService service, String revision, Instant selectedAt) {
        var metadata = metadata(service, service.getMetadata().getName(), Labels.of(service, APPLICATION, "inference"));
        metadata.getAnnotations().put(SELECTED_AT, selectedAt.toString());
        return new ServiceBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(selector(service, revision))
                .withPorts(ports(service))
                .endSpec()
                .build();
    }

    /**
     * A Service that routes of Gateways and meshes lead to.
     *
     * @param selector which of the service's pods it selects
     */
    public static Service backend(InferenceService service, String name, Map<String, String> selector) {
        return new ServiceBuilder()
                .withMetadata(metadata(service, name, Labels.of(service, APPLICATION, BACKEND)))
                .withNewSpec()
                .withType("ClusterIP")
                .addToSelector(
                        Labels.ownerKey(InferenceService.class),
                        service.getMetadata().getName())
                .addToSelector(selector)
                .withPorts(ports(service))
                .endSpec()
                .build();
    }

    /** Whether a Service of the service is one that routes lead to: who makes the routes looks after it. */
    public static boolean isBackend(Service found) {
        return BACKEND.equals(found.getMetadata().getLabels().get(Labels.COMPONENT));
    }

    /** The ports by which a service answers, by protocol. */
    public static List<ServicePort> ports(InferenceService service) {
        var protocols = service.getSpec().protocols();
        var ports = new ArrayList<ServicePort>();
        if (protocols == null || !Boolean.FALSE.equals(protocols.rest())) {
            ports.add(new ServicePortBuilder()
                    .withName("http")
                    .withProtocol("TCP")
                    .withAppProtocol("http")
                    .withPort(80)
                    .withTargetPort(new IntOrString("serving"))
                    .build());
        }
        if (protocols == null || !Boolean.FALSE.equals(protocols.grpc())) {
            ports.add(new ServicePortBuilder()
                    .withName("grpc")
                    .withProtocol("TCP")
                    .withAppProtocol("kubernetes.io/h2c")
                    .withPort(8001)
                    .withTargetPort(new IntOrString("serving"))
                    .build());
        }
        return List.copyOf(ports);
    }

    /** An address of the candidate alone, by the port at which pods answer themselves whatever the traffic's division. */
    static Service preview(InferenceService service, String revision) {
        return new ServiceBuilder()
                .withMetadata(metadata(service, previewName(service), revision))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(selector(service, revision))
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withAppProtocol("http")
                .withPort(80)
                .withTargetPort(new IntOrString("peer"))
                .endPort()
                .addNewPort()
                .withName("grpc")
                .withProtocol("TCP")
                .withAppProtocol("kubernetes.io/h2c")
                .withPort(8001)
                .withTargetPort(new IntOrString("peer"))
                .endPort()
                .endSpec()
                .build();
    }

    /** An address of stable alone, as {@link #preview} is one of the candidate. */
    static Service stable(InferenceService service, String revision) {
        var preview = preview(service, revision);
        preview.getMetadata().setName(service.getMetadata().getName() + "-stable");
        return preview;
    }

    /** Where the candidate alone answers. */
    public static String candidateUrl(InferenceService service) {
        return "http://" + previewName(service) + "." + service.getMetadata().getNamespace() + ".svc";
    }

    /** Where stable alone answers. */
    public static String stableUrl(InferenceService service) {
        return "http://" + service.getMetadata().getName() + "-stable."
                + service.getMetadata().getNamespace() + ".svc";
    }

    /** Whether an object is the address of the candidate alone. */
    public static boolean isPreview(InferenceService service, HasMetadata object) {
        return object instanceof Service && object.getMetadata().getName().equals(previewName(service));
    }

    /** Name of the preview's Service. */
    static String previewName(InferenceService service) {
        return service.getMetadata().getName() + "-preview";
    }

    /**
     * The autoscaler of the revision that serves.
     *
     * @param keptPods pods that it leaves at least, within the service's own bounds
     */
    static HorizontalPodAutoscaler autoscaler(
            InferenceService service, String revision, int keptPods, KubernetesSerialization serialization) {
        var autoscaling = service.getSpec().autoscaling();
        return new HorizontalPodAutoscalerBuilder()
                .withMetadata(metadata(
                        service, service.getMetadata().getName(), Labels.of(service, APPLICATION, "inference")))
                .withNewSpec()
                .withNewScaleTargetRef()
                .withApiVersion("apps/v1")
                .withKind("Deployment")
                .withName(Revision.objectName(service, revision))
                .endScaleTargetRef()
                .withMinReplicas(Math.clamp(keptPods, minReplicas(autoscaling), autoscaling.maxReplicas()))
                .withMaxReplicas(autoscaling.maxReplicas())
                .withMetrics(metrics(autoscaling, serialization))
                .endSpec()
                .build();
    }

    static int minReplicas(Autoscaling autoscaling) {
        return autoscaling.minReplicas() == null ? 1 : autoscaling.minReplicas();
    }

    private static List<MetricSpec> metrics(Autoscaling autoscaling, KubernetesSerialization serialization) {
        var metrics = new ArrayList<MetricSpec>();
        if (autoscaling.cpuUtilization() != null || autoscaling.metrics().isEmpty()) {
            metrics.add(new MetricSpecBuilder()
                    .withType("Resource")
                    .withNewResource()
                    .withName("cpu")
                    .withNewTarget()
                    .withType("Utilization")
                    .withAverageUtilization(
                            autoscaling.cpuUtilization() == null
                                    ? DEFAULT_CPU_UTILIZATION
                                    : autoscaling.cpuUtilization())
                    .endTarget()
                    .endResource()
                    .build());
        }
        autoscaling.metrics().forEach(metric -> metrics.add(serialization.convertValue(metric, MetricSpec.class)));
        return metrics;
    }

    private static ObjectMeta metadata(InferenceService service, String name, Map<String, String> labels) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(service.getMetadata().getNamespace())
                .withLabels(labels)
                .withOwnerReferences(Owners.controller(service))
                .build();
    }
}
