package dev.tatara.operator.modelversion.plan;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StoreAccess;
import java.time.Duration;

/**
 * How model files are inspected.
 *
 * @param image image of the steps
 * @param pullPolicy its imagePullPolicy
 * @param store artifact store where verified bytes are put, unless a version names its own
 * @param memoryLimit memory limit of the inspecting container, as a Kubernetes quantity
 * @param deadline an inspection that takes longer is ended
 * @param maxModelSize larger files are rejected, as a Kubernetes quantity
 * @param mlflow address of the MLflow server of sources {@code mlflow://}; {@code null}: only their Secrets say
 * @param probeTimeout how long loading and running the model once may take
 * @param afterFailure delays after an attempt that failed for reasons outside the file
 * @param afterRejection delays after an attempt that found the file at fault
 */
public record InspectionSettings(
        String image,
        String pullPolicy,
        StoreAccess store,
        String memoryLimit,
        Duration deadline,
        String maxModelSize,
        String mlflow,
        Duration probeTimeout,
        Backoff afterFailure,
        Backoff afterRejection) {

    public static InspectionSettings of(OperatorSettings settings) {
        var verification = settings.verification();
        return new InspectionSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                StoreAccess.of(settings),
                verification.memoryLimit(),
                verification.deadline(),
                verification.maxModelSize(),
                settings.mlflow().trackingUri().orElse(null),
                verification.probeTimeout(),
                new Backoff(verification.retryInitial(), verification.retryMax()),
                new Backoff(verification.rejectedRetryInitial(), verification.rejectedRetryMax()));
    }
}
