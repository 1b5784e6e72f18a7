package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * The verified model that a revision serves.
 *
 * @param modelVersion name of the ModelVersion object
 * @param model name of the registered model
 * @param version its version
 * @param digest {@code sha256:<64 hex>}
 * @param uri where verification put the bytes, in the artifact store
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServedModel(String modelVersion, String model, String version, String digest, String uri) {
    /** The digest without its algorithm. */
    public String sha256() {
        return digest.substring(digest.indexOf(':') + 1);
    }
}
