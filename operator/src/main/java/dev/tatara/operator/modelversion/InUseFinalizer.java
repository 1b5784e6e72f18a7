package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.Decision.FinalizerChange;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps a version in use from going. The finalizer is written by hand, with a patch of the metadata alone and only upon
 * the object that was observed; under a field manager of its own, so that neither an apply of the manifest nor one of
 * the status touches it.
 */
final class InUseFinalizer {
    private static final PatchContext PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(Labels.FIELD_MANAGER + "-in-use")
            .build();

    private final KubernetesClient client;

    InUseFinalizer(KubernetesClient client) {
        this.client = client;
    }

    /** The version as it is afterwards; empty if it has changed meanwhile or is gone. */
    Optional<ModelVersion> apply(ModelVersion observed, FinalizerChange change) {
        return switch (change) {
            case Keep -> Optional.of(observed);
            case Add -> {
                var finalizers = new ArrayList<>(observed.getMetadata().getFinalizers());
                finalizers.add(Decision.IN_USE);
                yield write(observed, finalizers);
            }
            case Remove -> {
                var finalizers = new ArrayList<>(observed.getMetadata().getFinalizers());
                finalizers.remove(Decision.IN_USE);
                yield write(observed, finalizers);
            }
        };
    }

    private Optional<ModelVersion> write(ModelVersion observed, List<String> finalizers) {
        var patch = Map.of(
                "metadata",
                Map.of("resourceVersion", observed.getMetadata().getResourceVersion(), "finalizers", finalizers));
        try {
            return Optional.of(client.resource(observed)
                    .patch(PATCH, client.getKubernetesSerialization().asJson(patch)));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
