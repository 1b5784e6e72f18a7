package dev.tatara.operator.inferenceservice.plan;

import java.time.Duration;

/**
 * The operator's settings that planning depends on.
 *
 * @param runtimeImage serving image of services that name none
 * @param storeUri the default artifact store
 * @param storeEndpoint S3 endpoint of the default artifact store, {@code null} for the cloud's own
 * @param storeSecretName Secret with the credentials of the default store
 * @param scaleDownDelay how long pods of the previous revision stay, unless the service says otherwise
 * @param progressDeadline how long a new revision may take, unless the service says otherwise
 */
public record ServingSettings(
        String runtimeImage,
        String imagePullPolicy,
        String storeUri,
        String storeEndpoint,
        String storeSecretName,
        Duration scaleDownDelay,
        Duration progressDeadline) {}
