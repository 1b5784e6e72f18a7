package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The operator's settings that planning depends on.
 *
 * @param runtimeImage serving image of services that name none
 * @param storeUri the default artifact store
 * @param storeEndpoint S3 endpoint of the default artifact store, {@code null} for the cloud's own
 * @param storeSecretName Secret with the credentials of the default store
 * @param scaleDownDelay how long pods of the previous revision stay, unless the service says otherwise
 * @param progressDeadline how long a new revision may take, unless the service says otherwise
 * @param trafficKey public key that traffic tables are signed with; empty where pods don't divide the traffic
 */
public record ServingSettings(
        String runtimeImage,
        String imagePullPolicy,
        String storeUri,
        String storeEndpoint,
        String storeSecretName,
        Duration scaleDownDelay,
        Duration progressDeadline,
        String trafficKey) {
    /** How long pods of a revision that lost its traffic stay. */
    Duration scaleDownDelayOf(InferenceService service) {
        return of(service, Rollout::scaleDownDelay, scaleDownDelay);
    }

    /** How long a new revision's pods may take. */
    Duration progressDeadlineOf(InferenceService service) {
        return of(service, Rollout::progressDeadline, progressDeadline);
    }

    static Duration of(InferenceService service, Function<Rollout, TimeSpan> field, Duration otherwise) {
        return Optional.ofNullable(service.getSpec().rollout())
                .map(field)
                .map(TimeSpan::toDuration)
                .orElse(otherwise);
    }
}
