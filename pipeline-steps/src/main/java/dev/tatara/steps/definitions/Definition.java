package dev.tatara.steps.definitions;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A resource as its YAML or JSON says, without the API server.
 *
 * @param kind for example {@code FeatureView}
 * @param namespace {@code default} where the text has none
 * @param name its name
 * @param spec its specification
 * @param <S> the record of the specification
 */
public record Definition<S>(String kind, String namespace, String name, S spec) {
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final long MAX_BYTES = 2 << 20;

    /**
     * Reads a file.
     *
     * @param file YAML or JSON, at most 2 MiB: what {@code kubectl apply} takes
     * @param kind the kind it must be of
     * @param type the record of its specification
     * @throws StepFailure with reason InvalidDefinition, naming the file and what is wrong with it
     */
    public static <S> Definition<S> read(Path file, String kind, Class<S> type) throws StepFailure {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw invalid(file, "expected at most " + MAX_BYTES + " bytes");
            }
            var envelope = YAML.readValue(file.toFile(), Envelope.class);
            if (envelope == null || envelope.metadata == null || envelope.metadata.name == null) {
                throw invalid(file, "expected a " + kind + " with metadata.name and spec");
            }
            if (!kind.equals(envelope.kind)) {
                throw invalid(file, "expected kind " + kind + ", found " + envelope.kind);
            }
            if (envelope.spec == null || envelope.spec.isNull()) {
                throw invalid(file, "spec is missing");
            }
            var namespace = envelope.metadata.namespace == null ? "default" : envelope.metadata.namespace;
            return new Definition<>(kind, namespace, envelope.metadata.name, YAML.treeToValue(envelope.spec, type));
        } catch (JacksonException e) {
            throw invalid(file, e.getOriginalMessage());
        } catch (IOException e) {
            throw invalid(file, "it can't be read: " + e);
        }
    }

    private static StepFailure invalid(Path file, String why) {
        return StepFailure.rejected("InvalidDefinition", file + ": " + why);
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Envelope(String kind, Metadata metadata, JsonNode spec) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Metadata(String name, String namespace) {}
}
