package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The verified model that a revision serves.
 *
 * @param modelVersion name of the ModelVersion object
 * @param model name of the registered model
 * @param version its version
 * @param digest {@code sha256:<64 hex>}
 * @param uri where verification put the bytes, in the artifact store
 * @param features names of the columns of its only input, in order; empty where they have none
 * @param classes names of its classes, in the order of its probabilities; empty where they have none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServedModel(
        String modelVersion,
        String model,
        String version,
        String digest,
        String uri,
        List<String> features,
        List<String> classes) {
    public ServedModel {
        // Revisions that an earlier operator stored have neither.
        features = features == null ? List.of() : List.copyOf(features);
        classes = classes == null ? List.of() : List.copyOf(classes);
    }

    public ServedModel(String modelVersion, String model, String version, String digest, String uri) {
        this(modelVersion, model, version, digest, uri, List.of(), List.of());
    }

    /** The digest without its algorithm. */
    public String sha256() {
        return digest.substring(digest.indexOf(':') + 1);
    }
}
