package dev.tatara.steps.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.MlflowTracking;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.Registration;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.Tracking;
import java.util.Optional;

/**
 * What is recorded of a TrainingJob's specification, and where.
 *
 * @param model registered model
 * @param dataset the data of a run
 * @param hyperparameters any YAML; {@code null} where nothing is said
 * @param sweep {@code null} without one
 * @param register what happens with a good model; {@code null} where nothing is said
 * @param trainer the user's image; {@code null} where nothing is said
 * @param owner who answers for it; {@code null} where nothing is said
 * @param tracking where runs are recorded; {@code null} where they aren't
 */
record TrackedParts(
        String model,
        Dataset dataset,
        JsonNode hyperparameters,
        Sweep sweep,
        Registration register,
        Trainer trainer,
        String owner,
        Tracking tracking) {

    /** The user's image. */
    record Trainer(String image) {}

    Optional<MlflowTracking> mlflow() {
        return Optional.ofNullable(tracking).map(Tracking::mlflow);
    }

    /** How messages call the server's Secret; {@code null} where there is none. */
    String secretName() {
        return mlflow().map(MlflowTracking::secretRef).map(LocalReference::name).orElse(null);
    }
}
