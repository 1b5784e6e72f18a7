package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.common.Resources;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.PodTemplateMerge;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Renders the pods of a revision: the contract between operator and serving image in one place. */
public final class PodRenderer {
    public static final String CONTAINER = "runtime";
    /** Where pods are told who answers. */
    public static final int ADMIN_PORT = 8081;

    /** Where pods answer each other's requests. */
    public static final int PEER_PORT = 8083;

    /** The file with the traffic table, in the ConfigMap and in pods. */
    public static final String TRAFFIC_FILE = "table.json";

    static final int SERVING_PORT = 8080;

    private static final long USER = 10_001L;
    private static final String CONFIGURATION = "/app/config";
    private static final String TRAFFIC = "/app/traffic";
    private static final String TRAFFIC_VOLUME = "traffic";
    private static final String TRAFFIC_KEY = "TATARA_TRAFFIC_PUBLIC_KEY";
    private static final String SERVICE_UID = "TATARA_SERVICE_UID";
    private static final String CREDENTIALS = "/tatara/secrets/store";
    /** Longer than the drain delay and the longest request together. */
    private static final long TERMINATION_GRACE_SECONDS = 60;

    private final KubernetesSerialization serialization;

    public PodRenderer(KubernetesSerialization serialization) {
        this.serialization = serialization;
    }

    /** The pod template of a revision, with the user's partial template merged over the operator's own. */
    public Revision.Frozen render(
            InferenceService service, RevisionContent content, ModelFacts facts, ServingSettings settings) {
        var own = serialization.convertValue(ownTemplate(service, content, settings), ObjectNode.class);
        var template = content.podTemplate() == null
                ? own
                : PodTemplateMerge.merge(own, serialization.convertValue(content.podTemplate(), JsonNode.class));
        return new Revision.Frozen(
                content.model(),
                facts,
                serialization.convertValue(template, PodTemplateSpec.class),
                configuration(service, content, facts, settings),
                LookupRendering.file(content, serialization));
    }

    /** The fields of the user's pod template that the operator needs for itself. */
    public List<String> reservedFieldsIn(InferenceServiceSpec spec) {
        return spec.podTemplate() == null
                ? List.of()
                : PodTemplateMerge.reservedFieldsIn(
                        serialization.convertValue(spec.podTemplate(), JsonNode.class), CONTAINER);
    }

    /** Whether such pods divide traffic by a table: those that operators before this one rendered don't. */
    public static boolean divides(PodSpec spec) {
        return spec != null
                && spec.getVolumes().stream()
                        .anyMatch(volume -> volume.getName().equals(TRAFFIC_VOLUME) && volume.getConfigMap() != null);
    }

    /**
     * A frozen template with what pods must believe of tables. It isn't frozen with it: when the key has changed, all
     * pods that divide traffic are to begin anew with the other.
     *
     * @param key the public key that tables are signed with
     */
    static PodTemplateSpec trusting(PodTemplateSpec frozen, String service, String key) {
        if (key.isEmpty() || !divides(frozen.getSpec())) {
            return frozen;
        }
        return new PodTemplateSpecBuilder(frozen)
                .editSpec()
                .editMatchingContainer(container -> container.getName().equals(CONTAINER))
                .addToEnv(variable(SERVICE_UID, service), variable(TRAFFIC_KEY, key))
                .endContainer()
                .endSpec()
                .build();
    }

    private PodTemplateSpec ownTemplate(InferenceService service, RevisionContent content, ServingSettings settings) {
        var revision = content.id();
        var labels = ServingObjects.labels(service, revision);
        labels.put(Labels.MODEL, content.model().model());
        var image = content.image() == null ? settings.runtimeImage() : content.image();
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .addToAnnotations("prometheus.io/scrape", "true")
                .addToAnnotations("prometheus.io/port", Integer.toString(SERVING_PORT))
                .addToAnnotations("kubectl.kubernetes.io/default-container", CONTAINER)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(TERMINATION_GRACE_SECONDS)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .addToMatchLabels(ServingObjects.selector(service, revision))
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .addToContainers(new ContainerBuilder()
                        .withName(CONTAINER)
                        .withImage(image)
                        .withImagePullPolicy(settings.imagePullPolicy())
                        .addNewPort()
                        .withName("serving")
                        .withContainerPort(SERVING_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewPort()
                        .withName("admin")
                        .withContainerPort(ADMIN_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewPort()
                        .withName("peer")
                        .withContainerPort(PEER_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .withEnv(environment(content, settings))
                        .withResources(resources(content.resources()))
                        .withStartupProbe(probe("/health/started", 1, 2, 600))
                        // A node that is short of CPU stalls every pod at once; that must not take them all out of
                        // service.
                        .withReadinessProbe(probe("/health/ready", 5, 5, 3))
                        .withLivenessProbe(probe("/health/live", 10, 5, 3))
                        .withTerminationMessagePolicy("FallbackToLogsOnError")
                        .withNewSecurityContext()
                        .withAllowPrivilegeEscalation(false)
                        .withReadOnlyRootFilesystem(true)
                        .withNewCapabilities()
                        .addToDrop("ALL")
                        .endCapabilities()
                        .endSecurityContext()
                        .withVolumeMounts(mounts(content))
                        .build())
                .withVolumes(volumes(service, content, settings))
                .endSpec()
                .build();
    }

    private static List<EnvVar> environment(RevisionContent content, ServingSettings settings) {
        var variables = new ArrayList<EnvVar>();
        variables.add(variable("MODEL_URI", ClaimUri.mounted(content.model().uri())));
        variables.add(variable("MODEL_SHA256", content.model().sha256()));
        variables.add(variable("MODEL_NAME", content.model().model()));
        variables.add(variable("MODEL_VERSION", content.model().version()));
        variables.add(variable("TATARA_REVISION", content.id()));
        variables.add(variable("TATARA_STORE_CREDENTIALS_DIR", CREDENTIALS));
        var endpoint = content.artifactStore() == null
                ? settings.storeEndpoint()
                : content.artifactStore().endpoint();
        if (endpoint != null) {
            variables.add(variable("TATARA_STORE_ENDPOINT", endpoint));
        }
        variables.add(variable("ORT_DISABLE_TELEMETRY", "1"));
        variables.add(new EnvVarBuilder()
                .withName("POD_NAME")
                .withNewValueFrom()
                .withNewFieldRef()
                .withApiVersion("v1")
                .withFieldPath("metadata.name")
                .endFieldRef()
                .endValueFrom()
                .build());
        return variables;
    }

    /** Settings of the serving image as {@code application.properties}; keys in docs/reference/runtime-settings.md. */
    private static String configuration(
            InferenceService service, RevisionContent content, ModelFacts facts, ServingSettings settings) {
        var properties = new TreeMap<String, String>();
        if (content.batching() != null) {
            put(properties, "batching.max-batch-size", content.batching().maxBatchSize());
            put(properties, "batching.max-delay", duration(content.batching().maxDelay()));
            put(properties, "batching.max-queue", content.batching().maxQueue());
        }
        if (content.limits() != null) {
            put(properties, "limits.requests-per-second", content.limits().requestsPerSecond());
            put(properties, "limits.per-client", content.limits().perClient());
            put(properties, "limits.client-header", content.limits().clientHeader());
        }
        if (content.protocols() != null) {
            put(properties, "protocols.rest", content.protocols().rest());
            put(properties, "protocols.grpc", content.protocols().grpc());
        }
        put(properties, "traffic.table", TRAFFIC + "/" + TRAFFIC_FILE);
        put(properties, "traffic.peer-port", PEER_PORT);
        observation(properties, service, content, settings);
        LookupRendering.settings(content, CONFIGURATION).forEach((key, value) -> put(properties, key, value));
        if (!content.model().features().isEmpty()) {
            put(properties, "model.features", String.join(",", content.model().features()));
        }
        if (!content.model().classes().isEmpty()) {
            put(properties, "model.classes", String.join(",", content.model().classes()));
        }
        put(properties, "model.task", facts.task());
        put(properties, "model.trained-at", facts.trainedAt());
        facts.metrics().forEach((name, value) -> put(properties, "model.metrics.\"" + name + "\"", value));
        var text = new StringBuilder();
        properties.forEach((key, value) -> text.append("tatara.runtime.")
                .append(key)
                .append('=')
                .append(value)
                .append('\n'));
        return text.toString();
    }

    private static void observation(
            Map<String, String> properties,
            InferenceService service,
            RevisionContent content,
            ServingSettings settings) {
        put(properties, "namespace", service.getMetadata().getNamespace());
        put(properties, "service", service.getMetadata().getName());
        var store = content.artifactStore() == null
                ? settings.storeUri()
                : content.artifactStore().uri();
        // A claim is mounted for reading alone: what is observed stays in the pod then.
        if (store != null && ClaimUri.of(store).isEmpty()) {
            put(properties, "store.uri", escaped(store));
        }
        if (content.monitoring() != null) {
            put(properties, "monitoring.pane", duration(content.monitoring().pane()));
            put(properties, "monitoring.sample-percent", content.monitoring().samplePercent());
            put(properties, "ledger.enabled", content.monitoring().ledger());
        }
        if (content.logging() != null) {
            put(properties, "logging.sample-percent", content.logging().samplePercent());
            put(properties, "logging.retention", duration(content.logging().retention()));
            putAll(properties, "logging.hash", content.logging().hash());
        }
        putAll(properties, "logging.exclude", LookupRendering.excluded(content));
    }

    private static void putAll(Map<String, String> properties, String key, List<String> values) {
        for (int i = 0; values != null && i < values.size(); i++) {
            put(properties, key + "[" + i + "]", escaped(values.get(i)));
        }
    }

    /** Text of users in a properties file whose reader replaces expressions. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("${", "$${");
    }

    /** As every version of the runtime reads it: it knows no microseconds by a unit of their own. */
    private static Duration duration(TimeSpan span) {
        return span == null ? null : span.toDuration();
    }

    private static void put(Map<String, String> properties, String key, Object value) {
        if (value != null) {
            properties.put(key, value.toString());
        }
    }

    private static List<VolumeMount> mounts(RevisionContent content) {
        var mounts = new ArrayList<VolumeMount>();
        mounts.add(mount("tmp", "/tmp", false));
        mounts.add(mount("configuration", CONFIGURATION, true));
        mounts.add(mount(TRAFFIC_VOLUME, TRAFFIC, true));
        mounts.add(mount("store-credentials", CREDENTIALS, true));
        ClaimUri.of(content.model().uri()).ifPresent(claim -> mounts.add(mount("store", claim.mountPath(), true)));
        mounts.addAll(LookupRendering.mounts(content));
        return mounts;
    }

    private static List<Volume> volumes(InferenceService service, RevisionContent content, ServingSettings settings) {
        var store = content.artifactStore();
        var secretName = store == null || store.secretRef() == null
                ? settings.storeSecretName()
                : store.secretRef().name();
        var volumes = new ArrayList<Volume>();
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("configuration")
                .withNewConfigMap()
                .withName(Revision.objectName(service, content.id()))
                .endConfigMap()
                .build());
        volumes.add(new VolumeBuilder()
                .withName(TRAFFIC_VOLUME)
                .withNewConfigMap()
                .withName(ServingObjects.trafficName(service))
                .endConfigMap()
                .build());
        // Optional, so that a missing Secret is the runtime's clear message and not a pod that hangs.
        volumes.add(new VolumeBuilder()
                .withName("store-credentials")
                .withNewSecret()
                .withSecretName(secretName)
                .withOptional(true)
                .endSecret()
                .build());
        ClaimUri.of(content.model().uri())
                .ifPresent(claim -> volumes.add(new VolumeBuilder()
                        .withName("store")
                        .withNewPersistentVolumeClaim(claim.claim(), true)
                        .build()));
        volumes.addAll(LookupRendering.volumes(content));
        return volumes;
    }

    private static ResourceRequirements resources(Resources asked) {
        var requests = new TreeMap<>(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("256Mi")));
        var limits = new TreeMap<>(Map.of("memory", new Quantity("1Gi")));
        if (asked != null) {
            requests.putAll(asked.requests());
            limits.putAll(asked.limits());
        }
        return new ResourceRequirementsBuilder()
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    private static Probe probe(String path, int periodSeconds, int timeoutSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort("admin")
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(timeoutSeconds)
                .withFailureThreshold(failures)
                .build();
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
