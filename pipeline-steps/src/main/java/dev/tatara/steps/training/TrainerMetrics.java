package dev.tatara.steps.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The trainer's metrics. Objects in objects become names with dots between.
 *
 * @param numbers finite numbers by name, in the order of the file, the objective first
 * @param dropped names of what is no finite number, or one too many; at most {@value #MOST_DROPPED}
 */
record TrainerMetrics(Map<String, Double> numbers, List<String> dropped) {
    static final TrainerMetrics NONE = new TrainerMetrics(Map.of(), List.of());
    static final int MOST_BYTES = 1 << 20;
    static final int MOST_NUMBERS = 1000;
    static final int MOST_DROPPED = 100;

    /** Longest name that MLflow takes, too. */
    private static final int LONGEST_NAME = 250;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    TrainerMetrics {
        numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
        dropped = List.copyOf(dropped);
    }

    /**
     * Reads what the trainer wrote.
     *
     * @param objective the metric that comes first; {@code null}: none
     * @throws StepFailure with reason MetricsMalformed where it is no JSON object
     */
    static TrainerMetrics parse(byte[] json, String objective) throws StepFailure {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw malformed(e.getOriginalMessage()
                    + (place == null
                            ? ""
                            : ", in line %d, column %d".formatted(place.getLineNr(), place.getColumnNr())));
        } catch (IOException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
        if (!root.isObject()) {
            throw malformed("found " + (root.isMissingNode() ? "an empty file" : words(root)));
        }
        var found = new Flat();
        found.add("", root);
        return new TrainerMetrics(first(objective, found.numbers), found.dropped);
    }

    static StepFailure malformed(String why) {
        return StepFailure.rejected(
                Reasons.METRICS_MALFORMED,
                "metrics.json: expected a JSON object of numbers such as {\"accuracy\": 0.93}, at most 1 MiB: " + why);
    }

    private static String words(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case STRING -> "a text";
            case NUMBER -> "a number without a name";
            default -> "'" + node + "'";
        };
    }

    private static Map<String, Double> first(String objective, Map<String, Double> numbers) {
        if (objective == null || !numbers.containsKey(objective)) {
            return numbers;
        }
        var ordered = new LinkedHashMap<String, Double>();
        ordered.put(objective, numbers.get(objective));
        numbers.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private static final class Flat {
        private final Map<String, Double> numbers = new LinkedHashMap<>();
        private final List<String> dropped = new ArrayList<>();

        void add(String prefix, JsonNode object) throws StepFailure {
            for (var field : object.properties()) {
                var name = prefix + field.getKey();
                var value = field.getValue();
                if (value.isObject()) {
                    add(name + ".", value);
                } else if (!value.isNumber()
                        || !Double.isFinite(value.doubleValue())
                        || name.isBlank()
                        || name.length() > LONGEST_NAME
                        || numbers.size() >= MOST_NUMBERS) {
                    drop(name);
                } else if (numbers.put(name, value.doubleValue()) != null) {
                    throw malformed("found " + name + " twice, once as a name with dots and once nested");
                }
            }
        }

        private void drop(String name) {
            if (dropped.size() < MOST_DROPPED) {
                dropped.add(name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…");
            }
        }
    }
}
