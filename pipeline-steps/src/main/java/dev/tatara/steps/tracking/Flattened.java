package dev.tatara.steps.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.mlflow.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** Hyperparameters as MLflow has them: names and texts. Names of nested ones are joined by dots, lists are JSON. */
final class Flattened {
    private Flattened() {}

    static Map<String, String> of(JsonNode hyperparameters) {
        var params = new LinkedHashMap<String, String>();
        if (hyperparameters != null && hyperparameters.isObject()) {
            add("", hyperparameters, params);
        }
        return params;
    }

    private static void add(String prefix, JsonNode object, Map<String, String> params) {
        for (var field : object.properties()) {
            var name = prefix + field.getKey();
            var value = field.getValue();
            if (value.isObject() && !value.isEmpty()) {
                add(name + ".", value, params);
            } else {
                var text = value.isValueNode() ? value.asText() : value.toString();
                params.putIfAbsent(Limits.name(name), Limits.cut(text, Limits.PARAM_VALUE));
            }
        }
    }
}
