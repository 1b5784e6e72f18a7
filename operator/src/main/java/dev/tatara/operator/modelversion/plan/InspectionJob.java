package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.steps.StoreAccess;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Job that inspects a version's file. Its name follows from the version and the attempt, so that an attempt is made
 * once however often it is asked for.
 */
public final class InspectionJob {
    public static final String COMPONENT = "inspection";
    public static final String CONTAINER = "inspect";
    /** Selects the Jobs and pods of inspections. */
    public static final String SELECTOR = Labels.MANAGED_SELECTOR + ",app.kubernetes.io/component=" + COMPONENT;

    /** Room beside the file itself: the JVM's and the runtime's own temporary files. */
    private static final long SCRATCH_MEBIBYTES = 256;

    private final ModelVersion version;
    private final int attempt;
    private final InspectionSettings settings;
    private final StoreAccess store;

    private InspectionJob(ModelVersion version, int attempt, InspectionSettings settings) {
        this.version = version;
        this.attempt = attempt;
        this.settings = settings;
        this.store = settings.store().or(version.getSpec().artifactStore());
    }

    public static Job render(ModelVersion version, int attempt, InspectionSettings settings) {
        return new InspectionJob(version, attempt, settings).job();
    }

    /** {@code <version>-inspect-<attempt>}; a long name is cut and told apart by a digest. */
    public static String nameOf(ModelVersion version, int attempt) {
        return StepNames.of(version.getMetadata().getName(), "-inspect-" + attempt);
    }

    private Job job() {
        var source = version.getSpec().source();
        var labels = Labels.of(version, "tatara-steps", COMPONENT);
        labels.put(AttemptLabels.ATTEMPT, Integer.toString(attempt));
        var pod = new StepPod(CONTAINER, settings.image(), settings.pullPolicy(), scratchSize())
                .labels(labels)
                .serviceAccount(source.serviceAccountName())
                .arguments(arguments())
                // An inspection is over before the second compiler would pay off.
                .variable("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
                .variable("ORT_DISABLE_TELEMETRY", "1")
                .variable("TATARA_STORE_ENDPOINT", store.endpoint())
                .variable("MLFLOW_TRACKING_URI", source.uri().startsWith("mlflow://") ? settings.mlflow() : null)
                .resources(resources())
                .secret("store-credentials", StepPod.STORE_CREDENTIALS, store.secret());
        if (source.secretRef() != null) {
            pod.secret(
                    "source-credentials",
                    StepPod.SOURCE_CREDENTIALS,
                    source.secretRef().name());
        }
        var retry = Annotations.valueOf(version, Annotations.RETRY);
        return pod.claim(store.uri(), false)
                .claim(source.uri(), true)
                .job(
                        version,
                        nameOf(version, attempt),
                        retry == null ? Map.of() : Map.of(Annotations.RETRY, retry),
                        settings.deadline());
    }

    private ResourceRequirements resources() {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("256Mi"))
                .addToLimits("memory", new Quantity(settings.memoryLimit()))
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
                    StepPod.SOURCE_CREDENTIALS,
                    "--source-secret-name",
                    source.secretRef().name()));
        }
        arguments.addAll(
                List.of("--store-credentials", StepPod.STORE_CREDENTIALS, "--store-secret-name", store.secret()));
        return arguments;
    }

    private Quantity scratchSize() {
        var bytes = Quantity.getAmountInBytes(Quantity.parse(settings.maxModelSize()));
        return new Quantity((bytes.longValue() / (1024 * 1024) + SCRATCH_MEBIBYTES) + "Mi");
    }
}
