package dev.tatara.operator.trainingjob.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Hyperparameters as a trainer gets them: the specification's, with those of a trial in their place. */
public final class Hyperparameters {
    /** They are an argument of a process, and of those Linux admits 128 KiB. */
    static final int MAX_BYTES = 64 << 10;

    private static final String PREFIX = "TATARA_HP_";

    private Hyperparameters() {}

    /**
     * All of them, in the order of the specification.
     *
     * @param trial {@code null} where nothing is searched
     */
    public static ObjectNode of(TrainingJobSpec spec, Trial trial) {
        var all = spec.hyperparameters() instanceof ObjectNode given
                ? given.deepCopy()
                : JsonNodeFactory.instance.objectNode();
        if (trial != null) {
            all.setAll(trial.parameters());
        }
        return all;
    }

    /** Why a specification's hyperparameters can't be passed on, and what to change. */
    public static Optional<String> problem(TrainingJobSpec spec) {
        var given = spec.hyperparameters();
        if (given != null && !given.isNull() && !given.isObject()) {
            return Optional.of(
                    "spec.hyperparameters: expected a map of names and values, found " + given.getNodeType());
        }
        var bytes = of(spec, null).toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            return Optional.of("spec.hyperparameters: expected at most " + MAX_BYTES + " bytes as JSON, found " + bytes
                    + "; put what is that large into the image or the data");
        }
        Map<String, String> names = new LinkedHashMap<>();
        var searched = spec.sweep() == null ? Stream.<Sweep.Parameter>empty() : spec.sweep().parameters().stream();
        var all = Stream.concat(
                of(spec, null).properties().stream().map(Map.Entry::getKey), searched.map(Sweep.Parameter::name));
        for (var name : all.toList()) {
            var other = names.putIfAbsent(variable(name), name);
            if (other != null && !other.equals(name)) {
                return Optional.of("spec.hyperparameters: " + other + " and " + name + " would both be the variable "
                        + variable(name) + "; rename one of them");
            }
        }
        return Optional.empty();
    }

    /** As environment variables: texts and numbers as they stand, lists and maps as JSON. */
    static Map<String, String> variables(ObjectNode all) {
        Map<String, String> variables = new LinkedHashMap<>();
        all.properties().forEach(entry -> variables.put(variable(entry.getKey()), text(entry.getValue())));
        return variables;
    }

    private static String variable(String name) {
        return PREFIX + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
    }

    private static String text(JsonNode value) {
        if (value.isNull()) {
            return "";
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
