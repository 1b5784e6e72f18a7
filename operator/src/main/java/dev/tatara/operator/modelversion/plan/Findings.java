package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.operator.kubernetes.ClaimUri;
import java.util.Map;

/**
 * What verification found out about a file, whether just now or as the status has kept it.
 *
 * @param uri where the bytes lie, as users write it ({@code pvc://}, not the path inside the pod)
 * @param signature what the file says; names of features are merged in later
 */
public record Findings(
        String digest,
        Long sizeBytes,
        Integer opset,
        String uri,
        ModelVersionStatus.Signature signature,
        Map<String, Double> measurements) {
    static final Findings NONE = new Findings(null, null, null, null, null, Map.of());

    /** The signature with the features that the specification names. */
    public ModelVersionStatus.Signature signatureWith(ModelVersionSpec.SignatureSpec named) {
        return Signatures.withFeatures(signature, named);
    }

    /** What the model does: as the specification says, else by the file's outputs. */
    public Task task(ModelVersionSpec.SignatureSpec named) {
        return Signatures.task(signature, named);
    }

    static Findings of(ModelInspection inspection) {
        return new Findings(
                inspection.digest(),
                inspection.sizeBytes(),
                inspection.opset(),
                ClaimUri.unmounted(inspection.uri()),
                Signatures.of(inspection),
                Signatures.finite(inspection.measurements()));
    }

    static Findings of(ModelVersionStatus status) {
        return new Findings(
                status.digest(),
                status.sizeBytes(),
                status.opset(),
                status.uri(),
                status.signature(),
                status.measurements());
    }
}
