package dev.tatara.steps.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hyperparameters as a trainer reads them.
 *
 * @param values by name, in their order
 */
record Hyperparameters(Map<String, Object> values) {
    static final Hyperparameters NONE = new Hyperparameters(Map.of());

    static final int MOST_BYTES = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .addModule(new SimpleModule().addSerializer(Double.class, new Fractions()))
            .build();

    /** Reads the text of an argument. */
    static Hyperparameters parse(String json) throws StepFailure {
        try {
            return of(JSON, JSON.readTree(json));
        } catch (JacksonException e) {
            throw expected("--hyperparameters: " + e.getOriginalMessage());
        }
    }

    /** Reads a file, YAML or JSON. */
    static Hyperparameters read(Path file) throws StepFailure {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw expected(file + " is longer than 1 MiB");
            }
            return of(YAML, YAML.readTree(file.toFile()));
        } catch (JacksonException e) {
            throw expected(file + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw expected(file + " can't be read: " + e);
        }
    }

    private static Hyperparameters of(ObjectMapper mapper, JsonNode tree) throws StepFailure, JacksonException {
        if (!tree.isObject()) {
            throw expected("found " + (tree.isMissingNode() ? "nothing" : tree.getNodeType()));
        }
        var type = mapper.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class);
        return new Hyperparameters(mapper.treeToValue(tree, type));
    }

    private static StepFailure expected(String found) {
        return StepFailure.rejected(
                Reasons.INVALID_DEFINITION,
                "hyperparameters: expected an object such as {\"depth\": 4}, at most 1 MiB; " + found);
    }

    /** Writes {@code hyperparameters.json} and {@code hyperparameters.yaml} into a folder. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        replace(folder.resolve("hyperparameters.json"), JSON.writeValueAsString(values) + "\n");
        replace(folder.resolve("hyperparameters.yaml"), YAML.writeValueAsString(values));
    }

    private static void replace(Path file, String text) throws IOException {
        var part = file.resolveSibling("." + file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** With a sign before the exponent, without which YAML 1.1, and so PyYAML, takes a number for a text. */
    private static final class Fractions extends JsonSerializer<Double> {
        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeNumber(value.toString().replaceFirst("E(?=\\d)", "E+"));
        }
    }
}
