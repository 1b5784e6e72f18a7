package dev.tatara.operator.steps;

import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pod of a step and the Job around it. The pod has no Kubernetes credentials of its own accord, writes nowhere but
 * to its scratch space and mounted claims, and satisfies the restricted Pod Security Standard. Secrets are mounted by
 * name and read-only; the operator never sees them.
 */
public final class StepPod {
    /** Where the artifact store's Secret is mounted. */
    public static final String STORE_CREDENTIALS = "/tatara/secrets/store";
    /** Where the source's Secret is mounted. */
    public static final String SOURCE_CREDENTIALS = "/tatara/secrets/source";

    private static final long USER = 10001L;

    private final StepContainer step;
    private final List<StepContainer> before = new ArrayList<>();
    private final List<Volume> volumes = new ArrayList<>();
    private final Set<String> claims = new HashSet<>();
    private Map<String, String> labels = Map.of();
    private String serviceAccount;

    /**
     * A pod that runs one step.
     *
     * @param scratch size limit of {@code /tmp}
     */
    public StepPod(String container, String image, String pullPolicy, Quantity scratch) {
        this(new StepContainer(container, image, pullPolicy), scratch);
    }

    /**
     * A pod that runs one step.
     *
     * @param step the step's container
     * @param scratch size limit of its {@code /tmp}, the volume {@code tmp}
     */
    public StepPod(StepContainer step, Quantity scratch) {
        this.step = step;
        emptyDir("tmp", scratch);
        step.mount("tmp", "/tmp", false);
    }

    /** Runs a container to its end before the step starts; several one after the other. */
    public StepPod before(StepContainer container) {
        before.add(container);
        return this;
    }

    public StepPod labels(Map<String, String> all) {
        labels = new LinkedHashMap<>(all);
        return this;
    }

    public StepPod arguments(List<String> all) {
        step.arguments(all);
        return this;
    }

    public StepPod resources(ResourceRequirements requirements) {
        step.resources(requirements);
        return this;
    }

    /** Runs under an account of the namespace, with its token; {@code null}: under none. */
    public StepPod serviceAccount(String name) {
        serviceAccount = name;
        return this;
    }

    /** Sets a variable; {@code null} leaves it out. */
    public StepPod variable(String name, String value) {
        step.variable(name, value);
        return this;
    }

    /** Adds a volume on the node's disk; containers mount it themselves. */
    public StepPod emptyDir(String volume, Quantity size) {
        volumes.add(new VolumeBuilder()
                .withName(volume)
                .withNewEmptyDir()
                .withSizeLimit(size)
                .endEmptyDir()
                .build());
        return this;
    }

    /** Mounts a Secret. A missing one is left to the step, which says what it lacks; a pod would only hang. */
    public StepPod secret(String volume, String path, String name) {
        volumes.add(new VolumeBuilder()
                .withName(volume)
                .withNewSecret()
                .withSecretName(name)
                .withOptional(true)
                .endSecret()
                .build());
        step.mount(volume, path, true);
        return this;
    }

    /** Mounts a ConfigMap. */
    public StepPod configMap(String volume, String path, String name) {
        volumes.add(new VolumeBuilder()
                .withName(volume)
                .withNewConfigMap()
                .withName(name)
                .endConfigMap()
                .build());
        step.mount(volume, path, true);
        return this;
    }

    /** Mounts the claim that a URI lies in, if it lies in one and that isn't mounted yet. */
    public StepPod claim(String uri, boolean readOnly) {
        ClaimUri.of(uri).filter(claim -> claims.add(claim.claim())).ifPresent(claim -> {
            var volume = "claim-" + (claims.size() - 1);
            volumes.add(new VolumeBuilder()
                    .withName(volume)
                    .withNewPersistentVolumeClaim(claim.claim(), readOnly)
                    .build());
            step.mount(volume, claim.mountPath(), readOnly);
        });
        return this;
    }

    /** The Job that runs the pod once. */
    public Job job(HasMetadata owner, String name, Map<String, String> annotations, Duration deadline) {
        return new JobBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(labels)
                .withAnnotations(annotations)
                .withOwnerReferences(Owners.controller(owner))
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0)
                .withActiveDeadlineSeconds(deadline.toSeconds())
                .withNewPodFailurePolicy()
                // A drained node is no verdict on the work: the Job makes another pod.
                .addNewRule()
                .withAction("Ignore")
                .addNewOnPodCondition("True", "DisruptionTarget")
                .endRule()
                .endPodFailurePolicy()
                .withTemplate(template())
                .endSpec()
                .build();
    }

    private PodTemplateSpec template() {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withServiceAccountName(serviceAccount)
                .withAutomountServiceAccountToken(serviceAccount != null)
                .withEnableServiceLinks(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withInitContainers(
                        before.stream().map(StepContainer::container).toList())
                .withContainers(step.container())
                .withVolumes(volumes)
                .endSpec()
                .build();
    }
}
