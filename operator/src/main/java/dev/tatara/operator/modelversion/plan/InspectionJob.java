package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The Job that inspects a version's file. Its name follows from the version and the attempt, so that an attempt is made
 * once however often it is asked for. The pod has no Kubernetes credentials and satisfies the restricted Pod Security
 * Standard.
 */
public final class InspectionJob {
    public static final String COMPONENT = "inspection";
    public static final String CONTAINER = "inspect";
    /** Selects the Jobs and pods of inspections. */
    public static final String SELECTOR = Labels.MANAGED_SELECTOR + ",app.kubernetes.io/component=" + COMPONENT;

    private static final String ATTEMPT = Labels.GROUP + "/attempt";
    private static final String SOURCE_CREDENTIALS = "/tatara/secrets/source";
    private static final String STORE_CREDENTIALS = "/tatara/secrets/store";
    private static final int MAX_NAME = 63;
    private static final long USER = 10001L;
    /** Room beside the file itself: the JVM's and the runtime's own temporary files. */
    private static final long SCRATCH_MEBIBYTES = 256;

    private record Store(String uri, String endpoint, String secret) {}

    private final ModelVersion version;
    private final int attempt;
    private final InspectionSettings settings;
    private final Store store;

    private InspectionJob(ModelVersion version, int attempt, InspectionSettings settings) {
        this.version = version;
        this.attempt = attempt;
        this.settings = settings;
        this.store = storeOf(version, settings);
    }

    public static Job render(ModelVersion version, int attempt, InspectionSettings settings) {
        return new InspectionJob(version, attempt, settings).job();
    }

    /** {@code <version>-inspect-<attempt>}; a long name is cut and told apart by a digest. */
    public static String nameOf(ModelVersion version, int attempt) {
        var name = version.getMetadata().getName();
        var suffix = "-inspect-" + attempt;
        if (name.length() + suffix.length() <= MAX_NAME) {
            return name + suffix;
        }
        var digest = "-" + Digests.of(name, 8);
        return name.substring(0, MAX_NAME - suffix.length() - digest.length()) + digest + suffix;
    }

    /** Which attempt a Job is; 0 if it doesn't say. */
    public static int attemptOf(Job job) {
        var label = job.getMetadata().getLabels().get(ATTEMPT);
        return label != null && label.matches("\\d{1,9}") ? Integer.parseInt(label) : 0;
    }

    private Job job() {
        var labels = Labels.of(version, "tatara-steps", COMPONENT);
        labels.put(ATTEMPT, Integer.toString(attempt));
        var retry = Annotations.valueOf(version, Annotations.RETRY);
        return new JobBuilder()
                .withNewMetadata()
                .withName(nameOf(version, attempt))
                .withNamespace(version.getMetadata().getNamespace())
                .withLabels(labels)
                .withAnnotations(retry == null ? Map.of() : Map.of(Annotations.RETRY, retry))
                .withOwnerReferences(Owners.controller(version))
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0)
                .withActiveDeadlineSeconds(settings.deadline().toSeconds())
                .withNewPodFailurePolicy()
                // A drained node is no verdict on the file: the Job makes another pod.
                .addNewRule()
                .withAction("Ignore")
                .addNewOnPodCondition("True", "DisruptionTarget")
                .endRule()
                .endPodFailurePolicy()
                .withTemplate(template(labels))
                .endSpec()
                .build();
    }

    private PodTemplateSpec template(Map<String, String> labels) {
        var account = version.getSpec().source().serviceAccountName();
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withServiceAccountName(account)
                .withAutomountServiceAccountToken(account != null)
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
                .addNewContainer()
                .withName(CONTAINER)
                .withImage(settings.image())
                .withImagePullPolicy(settings.pullPolicy())
                .withArgs(arguments())
                .withEnv(environment())
                // Where the process dies before it could say why, its last lines say it.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewResources()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("256Mi"))
                .addToLimits("memory", new Quantity(settings.memoryLimit()))
                .endResources()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(mounts())
                .endContainer()
                .withVolumes(volumes())
                .endSpec()
                .build();
    }

    private List<String> arguments() {
        var source = version.getSpec().source();
        var metadata = version.getMetadata();
        var arguments = new ArrayList<>(List.of("inspect-model", "--source", ClaimUri.mounted(source.uri())));
        if (source.sha256() != null) {
            arguments.addAll(List.of("--sha256", source.sha256()));
        }
        arguments.addAll(List.of(
                "--store",
                ClaimUri.mounted(store.uri()),
                "--result-key",
                "inspections/%s/%s/%s-%d/result.json"
                        .formatted(metadata.getNamespace(), metadata.getName(), metadata.getUid(), attempt),
                "--max-size",
                settings.maxModelSize(),
                "--probe-timeout",
                settings.probeTimeout().toSeconds() + "s"));
        if (source.secretRef() != null) {
            arguments.addAll(List.of(
                    "--source-credentials",
                    SOURCE_CREDENTIALS,
                    "--source-secret-name",
                    source.secretRef().name()));
        }
        arguments.addAll(List.of("--store-credentials", STORE_CREDENTIALS, "--store-secret-name", store.secret()));
        return arguments;
    }

    private List<EnvVar> environment() {
        var environment = new ArrayList<EnvVar>();
        // An inspection is over before the second compiler would pay off.
        environment.add(variable("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1"));
        environment.add(variable("ORT_DISABLE_TELEMETRY", "1"));
        if (store.endpoint() != null) {
            environment.add(variable("TATARA_STORE_ENDPOINT", store.endpoint()));
        }
        return environment;
    }

    private List<VolumeMount> mounts() {
        var mounts = new ArrayList<VolumeMount>();
        mounts.add(mount("tmp", "/tmp", false));
        mounts.add(mount("store-credentials", STORE_CREDENTIALS, true));
        if (version.getSpec().source().secretRef() != null) {
            mounts.add(mount("source-credentials", SOURCE_CREDENTIALS, true));
        }
        var claims = claims();
        for (int i = 0; i < claims.size(); i++) {
            var claim = claims.get(i);
            mounts.add(mount("claim-" + i, claim.mountPath(), !isStore(claim)));
        }
        return mounts;
    }

    private List<Volume> volumes() {
        var volumes = new ArrayList<Volume>();
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .withSizeLimit(scratchSize())
                .endEmptyDir()
                .build());
        volumes.add(secret("store-credentials", store.secret()));
        if (version.getSpec().source().secretRef() != null) {
            volumes.add(secret(
                    "source-credentials", version.getSpec().source().secretRef().name()));
        }
        var claims = claims();
        for (int i = 0; i < claims.size(); i++) {
            var claim = claims.get(i);
            volumes.add(new VolumeBuilder()
                    .withName("claim-" + i)
                    .withNewPersistentVolumeClaim(claim.claim(), !isStore(claim))
                    .build());
        }
        return volumes;
    }

    /** The claims that the pod mounts, each once: one that holds the store and the source is mounted for the store. */
    private List<ClaimUri> claims() {
        var names = new LinkedHashSet<String>();
        return Stream.of(store.uri(), version.getSpec().source().uri())
                .flatMap(uri -> ClaimUri.of(uri).stream())
                .filter(claim -> names.add(claim.claim()))
                .toList();
    }

    private boolean isStore(ClaimUri claim) {
        return ClaimUri.of(store.uri())
                .map(ClaimUri::claim)
                .filter(name -> Objects.equals(name, claim.claim()))
                .isPresent();
    }

    private Quantity scratchSize() {
        var bytes = Quantity.getAmountInBytes(Quantity.parse(settings.maxModelSize()));
        return new Quantity((bytes.longValue() / (1024 * 1024) + SCRATCH_MEBIBYTES) + "Mi");
    }

    private static Store storeOf(ModelVersion version, InspectionSettings settings) {
        var own = version.getSpec().artifactStore();
        return own == null
                ? new Store(settings.storeUri(), settings.storeEndpoint(), settings.storeSecret())
                : new Store(
                        own.uri(),
                        own.endpoint(),
                        own.secretRef() == null
                                ? settings.storeSecret()
                                : own.secretRef().name());
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }

    private static Volume secret(String name, String secret) {
        return new VolumeBuilder()
                .withName(name)
                // Optional, so that a missing Secret is the step's clear message and not a pod that hangs.
                .withNewSecret()
                .withSecretName(secret)
                .withOptional(true)
                .endSecret()
                .build();
    }
}
