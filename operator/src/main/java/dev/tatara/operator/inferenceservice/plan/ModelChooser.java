package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.modelversion.plan.VersionOrder;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the model that a service asks for among the ModelVersions of its namespace. */
public final class ModelChooser {
    private ModelChooser() {}

    /**
     * The model that {@code asked} comes to.
     *
     * @param versions at least those that {@code spec.model} may mean; others are passed over
     */
    public static ModelChoice choose(InferenceServiceSpec.Model asked, Collection<ModelVersion> versions) {
        return asked.versionRef() != null ? pinned(asked, versions) : followed(asked, versions);
    }

    private static ModelChoice pinned(InferenceServiceSpec.Model asked, Collection<ModelVersion> versions) {
        var name = asked.versionRef().name();
        var version = versions.stream()
                .filter(candidate -> candidate.getMetadata().getName().equals(name))
                .findFirst();
        if (version.isEmpty()) {
            return new ModelChoice.Waiting(
                    "ModelVersionNotFound",
                    "ModelVersion " + name + " doesn't exist in this namespace; apply it, and the service goes on");
        }
        return servable(version.get(), asked);
    }

    private static ModelChoice followed(InferenceServiceSpec.Model asked, Collection<ModelVersion> versions) {
        var model = asked.follow().model();
        var stage = Stage.valueOf(asked.follow().stage().name());
        var holder = versions.stream()
                .filter(version -> version.getSpec().model().equals(model))
                .filter(version -> statusOf(version).stage() == stage)
                .filter(version -> servable(version, asked) instanceof ModelChoice.Chosen)
                .max(Comparator.<ModelVersion, String>comparing(
                                version -> version.getSpec().version(), VersionOrder.INSTANCE)
                        .thenComparing(version -> version.getMetadata().getName()));
        return holder.map(version -> servable(version, asked))
                .orElseGet(() -> new ModelChoice.Waiting(
                        "NoVersionInStage",
                        "no ModelVersion of model " + model + " holds stage " + stage
                                + (Boolean.TRUE.equals(asked.requireApproval()) ? " with an approval" : "")
                                + "; a version with spec.stage: " + stage
                                + " gets it once it is verified, has passed its gates and is approved"
                                + " (kubectl get mv shows how far each is)"));
    }

    private static ModelChoice servable(ModelVersion version, InferenceServiceSpec.Model asked) {
        var name = version.getMetadata().getName();
        var status = statusOf(version);
        if (version.getMetadata().getDeletionTimestamp() != null) {
            return new ModelChoice.Waiting(
                    "ModelVersionDeleted", "ModelVersion " + name + " is being deleted; name another one");
        }
        var phase = status.phase();
        if (phase == ModelVersionStatus.Phase.Quarantined) {
            return new ModelChoice.Waiting(
                    "ModelVersionQuarantined",
                    "ModelVersion " + name + " is quarantined"
                            + readyMessage(version).map(m -> ": " + m).orElse("")
                            + "; name another one, or release it with the annotation mlops.tatara.dev/release");
        }
        if (phase != ModelVersionStatus.Phase.Ready || status.digest() == null || status.uri() == null) {
            var rejected = phase == ModelVersionStatus.Phase.Rejected || phase == ModelVersionStatus.Phase.Failed;
            return new ModelChoice.Waiting(
                    rejected ? "ModelVersion" + phase : "ModelVersionNotReady",
                    "ModelVersion " + name + " is " + (phase == null ? "not looked at yet" : phase)
                            + readyMessage(version).map(m -> ": " + m).orElse("")
                            + "; the service goes on when it is Ready");
        }
        if (Boolean.TRUE.equals(asked.requireApproval()) && !isApproved(version)) {
            return new ModelChoice.Waiting(
                    "ApprovalRequired",
                    "this service serves approved versions only (spec.model.requireApproval) and nobody approved "
                            + name + "; set spec.approval.approvedBy there");
        }
        var model = new ServedModel(
                name,
                version.getSpec().model(),
                version.getSpec().version(),
                status.digest(),
                status.uri(),
                SignatureNames.features(status),
                SignatureNames.classes(status));
        return new ModelChoice.Chosen(model, ModelFacts.of(version));
    }

    private static boolean isApproved(ModelVersion version) {
        var approval = version.getSpec().approval();
        return approval != null && approval.approvedBy() != null;
    }

    private static ModelVersionStatus statusOf(ModelVersion version) {
        return version.getStatus() == null ? ModelVersionStatus.EMPTY : version.getStatus();
    }

    private static Optional<String> readyMessage(ModelVersion version) {
        return statusOf(version).conditions().stream()
                .filter(condition -> condition.type().equals("Ready") && !condition.holds())
                .map(condition -> condition.message())
                .filter(message -> !message.isEmpty())
                .findFirst();
    }
}
