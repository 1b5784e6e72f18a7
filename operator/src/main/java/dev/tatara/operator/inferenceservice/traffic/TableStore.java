package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.NameTakenException;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/**
 * Keeps a service's table in a ConfigMap, from which pods have it when they begin. Whoever writes says what was there:
 * one who hasn't seen the latest table can't replace it.
 */
final class TableStore {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;

    TableStore(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Puts a document in the place of another.
     *
     * @param replaced what was there, {@code null} for nothing
     * @throws OutdatedTableException if something else is there
     * @throws NameTakenException if what is there belongs to somebody else
     */
    ConfigMap put(InferenceService service, String document, ConfigMap replaced) {
        var desired = ServingObjects.traffic(service, document);
        try {
            if (replaced == null) {
                return client.resource(desired).create();
            }
            desired.getMetadata().setResourceVersion(replaced.getMetadata().getResourceVersion());
            return client.resource(desired).patch(APPLY);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            var found = replaced == null ? client.resource(desired).get() : null;
            if (found != null && !Owners.owns(service, found)) {
                throw new NameTakenException(desired);
            }
            throw new OutdatedTableException(
                    "ConfigMap " + desired.getMetadata().getName() + " has changed meanwhile: " + e.getMessage(), e);
        }
    }

    /** The document in a ConfigMap; {@code null} where there is none. */
    static String document(ConfigMap stored) {
        return stored == null || stored.getData() == null
                ? null
                : stored.getData().get(PodRenderer.TRAFFIC_FILE);
    }
}
