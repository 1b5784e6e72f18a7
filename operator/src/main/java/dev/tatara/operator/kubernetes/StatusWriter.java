package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/** Writes the status of an object, and only when it says something else than before. */
public final class StatusWriter {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;

    /** What became of a status. */
    public enum Outcome {
        Unchanged,
        Written,
        /** The decision was made upon an object that has changed since. Reconcile again upon the newer one. */
        Outdated
    }

    public StatusWriter(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Writes {@code status} if the object still is the one that was observed.
     *
     * @param observed the object as it was read, its resourceVersion included; not changed
     */
    public <S, T extends CustomResource<?, S>> Outcome write(T observed, S status) {
        return store(observed, status).outcome();
    }

    /**
     * What became of a status, and of the object that it belongs to.
     *
     * @param object as it is now; where the status is {@link Outcome#Outdated}, as it was observed
     */
    public record Stored<T>(Outcome outcome, T object) {}

    /** Writes {@code status} like {@link #write}, for whoever goes on from the object as it is then. */
    public <S, T extends CustomResource<?, S>> Stored<T> store(T observed, S status) {
        var serialization = client.getKubernetesSerialization();
        if (serialization
                .convertValue(status, JsonNode.class)
                .equals(serialization.convertValue(observed.getStatus(), JsonNode.class))) {
            return new Stored<>(Outcome.Unchanged, observed);
        }
        var patch = serialization.clone(observed);
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(observed.getMetadata().getName())
                .withNamespace(observed.getMetadata().getNamespace())
                .withResourceVersion(observed.getMetadata().getResourceVersion())
                .build());
        patch.setSpec(null);
        patch.setStatus(status);
        try {
            return new Stored<>(
                    Outcome.Written,
                    client.resource(patch).subresource("status").patch(APPLY));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return new Stored<>(Outcome.Outdated, observed);
            }
            throw e;
        }
    }
}
