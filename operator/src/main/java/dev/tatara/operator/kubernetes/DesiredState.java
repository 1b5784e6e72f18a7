package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Set;

/**
 * Compares a desired object with the one in the cluster.
 *
 * <p>An object is as desired when it holds everything the desired one states; what the server or other managers added
 * is theirs. Absent, null and empty are one and the same, and quantities are compared by their amount, because the
 * server stores {@code 1000m} as {@code 1}.
 */
final class DesiredState {
    private static final Set<String> QUANTITY_MAPS = Set.of("requests", "limits", "capacity", "hard");
    private static final Set<String> QUANTITY_FIELDS = Set.of("sizeLimit", "averageValue");

    private DesiredState() {}

    static boolean isMet(JsonNode desired, JsonNode actual) {
        return isMet(desired, actual, false);
    }

    private static boolean isMet(JsonNode desired, JsonNode actual, boolean quantity) {
        if (isEmpty(desired)) {
            return true;
        }
        if (actual == null) {
            return false;
        }
        if (desired.isObject()) {
            return actual.isObject() && fieldsAreMet(desired, actual, quantity);
        }
        if (desired.isArray()) {
            return actual.isArray() && elementsAreMet(desired, actual);
        }
        return desired.asText().equals(actual.asText()) || (quantity && sameAmount(desired, actual));
    }

    private static boolean fieldsAreMet(JsonNode desired, JsonNode actual, boolean insideQuantityMap) {
        for (var field : desired.properties()) {
            var quantity = insideQuantityMap || QUANTITY_FIELDS.contains(field.getKey());
            var opensQuantityMap = QUANTITY_MAPS.contains(field.getKey());
            if (!isMet(field.getValue(), actual.get(field.getKey()), quantity || opensQuantityMap)) {
                return false;
            }
        }
        return true;
    }

    private static boolean elementsAreMet(JsonNode desired, JsonNode actual) {
        if (desired.size() != actual.size()) {
            return false;
        }
        for (int i = 0; i < desired.size(); i++) {
            if (!isMet(desired.get(i), actual.get(i), false)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEmpty(JsonNode node) {
        return node == null
                || node.isNull()
                || (node.isContainerNode() && node.isEmpty())
                || (node.isTextual() && node.asText().isEmpty());
    }

    private static boolean sameAmount(JsonNode desired, JsonNode actual) {
        try {
            return Quantity.getAmountInBytes(Quantity.parse(desired.asText()))
                            .compareTo(Quantity.getAmountInBytes(Quantity.parse(actual.asText())))
                    == 0;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }
}
