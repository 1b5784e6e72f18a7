package dev.tatara.mlflow;

import java.util.Map;

/**
 * A version of a registered model.
 *
 * @param model the registered model
 * @param version its number, as a text
 * @param runId the run that made it; empty where it doesn't say
 * @param source where its folder or file lies
 * @param tags tags by name
 */
public record RegisteredVersion(String model, String version, String runId, String source, Map<String, String> tags) {
    public RegisteredVersion {
        tags = Map.copyOf(tags);
    }
}
