package dev.tatara.operator.modelversion.plan;

import dev.tatara.operator.config.OperatorSettings;
import java.time.Duration;

/**
 * How model files are inspected.
 *
 * @param image image of the steps
 * @param pullPolicy its imagePullPolicy
 * @param storeUri artifact store where verified bytes are put, unless a version names its own
 * @param storeEndpoint S3 endpoint of that store, {@code null} for the cloud's own
 * @param storeSecret Secret with that store's credentials, in the version's namespace
 * @param memoryLimit memory limit of the inspecting container, as a Kubernetes quantity
 * @param deadline an inspection that takes longer is ended
 * @param maxModelSize larger files are rejected, as a Kubernetes quantity
 * @param probeTimeout how long loading and running the model once may take
 * @param afterFailure delays after an attempt that failed for reasons outside the file
 * @param afterRejection delays after an attempt that found the file at fault
 */
public record InspectionSettings(
        String image,
        String pullPolicy,
        String storeUri,
        String storeEndpoint,
        String storeSecret,
        String memoryLimit,
        Duration deadline,
        String maxModelSize,
        Duration probeTimeout,
        Backoff afterFailure,
        Backoff afterRejection) {

    public static InspectionSettings of(OperatorSettings settings) {
        var verification = settings.verification();
        return new InspectionSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                settings.artifactStore().uri(),
                settings.artifactStore().endpoint().orElse(null),
                settings.artifactStore().secretName(),
                verification.memoryLimit(),
                verification.deadline(),
                verification.maxModelSize(),
                verification.probeTimeout(),
                new Backoff(verification.retryInitial(), verification.retryMax()),
                new Backoff(verification.rejectedRetryInitial(), verification.rejectedRetryMax()));
    }

    /** Delays that double from {@code initial} up to {@code max}. */
    public record Backoff(Duration initial, Duration max) {
        /** The delay after the given attempt, the first of which is 1. */
        public Duration after(int attempt) {
            var delay = initial;
            for (int i = 1; i < attempt && delay.compareTo(max) < 0; i++) {
                delay = delay.multipliedBy(2);
            }
            return delay.compareTo(max) < 0 ? delay : max;
        }
    }
}
