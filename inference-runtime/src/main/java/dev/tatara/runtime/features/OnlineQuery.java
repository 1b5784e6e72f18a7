package dev.tatara.runtime.features;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a body of {@code /get-online-features} asks for, as Feast has it.
 *
 * @param features as {@code <view>:<feature>}
 * @param entities values by join key, all equally many: Long, Double, String, Boolean or null
 * @param fullNames whether features are answered as {@code <view>__<feature>}
 */
record OnlineQuery(List<String> features, Map<String, List<Object>> entities, boolean fullNames) {
    private static final int MOST_ROWS = 10_000;
    private static final int MOST_FEATURES = 4_096;

    static OnlineQuery read(Json json, byte[] body) throws RequestException {
        List<String> features = new ArrayList<>();
        Map<String, List<Object>> entities = new LinkedHashMap<>();
        boolean[] full = new boolean[1];
        json.read(body, 0, body.length, reader -> {
            Json.expect(reader, JsonToken.START_OBJECT, "the request");
            while (reader.nextToken() != JsonToken.END_OBJECT) {
                String field = reader.currentName();
                JsonToken value = reader.nextToken();
                switch (field) {
                    case "features" -> features(reader, features);
                    case "entities" -> entities(reader, entities);
                    case "full_feature_names" -> full[0] = truth(value);
                    case "feature_service" -> {
                        if (value != JsonToken.VALUE_NULL) {
                            throw RequestException.bad("there are no feature services here: name the features,"
                                    + " \"features\": [\"<view>:<feature>\", …]");
                        }
                    }
                    default -> reader.skipChildren();
                }
            }
        });
        if (features.isEmpty()) {
            throw RequestException.bad("\"features\" is missing: expected [\"<view>:<feature>\", …]");
        }
        requireRows(entities);
        return new OnlineQuery(features, entities, full[0]);
    }

    /** How many entities are asked for. */
    int rows() {
        return entities.values().iterator().next().size();
    }

    private static void requireRows(Map<String, List<Object>> entities) throws RequestException {
        if (entities.isEmpty()) {
            throw RequestException.bad("\"entities\" is missing: expected {\"<join key>\": [value, …], …}");
        }
        int rows = -1;
        for (Map.Entry<String, List<Object>> key : entities.entrySet()) {
            int count = key.getValue().size();
            if (rows >= 0 && count != rows) {
                throw RequestException.bad("\"entities\": \"" + Json.shown(key.getKey()) + "\" has " + count
                        + " values, another has " + rows);
            }
            rows = count;
        }
        if (rows > MOST_ROWS) {
            throw new RequestException(
                    413, rows + " entities are more than one request may ask for (" + MOST_ROWS + ")");
        }
    }

    private static void features(JsonReader reader, List<String> features) throws RequestException {
        if (reader.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Json.expect(reader, JsonToken.START_ARRAY, "\"features\"");
        while (reader.nextToken() != JsonToken.END_ARRAY) {
            Json.expect(reader, JsonToken.VALUE_STRING, "an element of \"features\"");
            if (features.size() == MOST_FEATURES) {
                throw RequestException.bad("\"features\" has more than " + MOST_FEATURES + " elements");
            }
            features.add(reader.text());
        }
    }

    private static void entities(JsonReader reader, Map<String, List<Object>> entities) throws RequestException {
        Json.expect(reader, JsonToken.START_OBJECT, "\"entities\"");
        while (reader.nextToken() != JsonToken.END_OBJECT) {
            String key = reader.currentName();
            reader.nextToken();
            Json.expect(reader, JsonToken.START_ARRAY, "\"" + Json.shown(key) + "\"");
            List<Object> values = new ArrayList<>();
            while (reader.nextToken() != JsonToken.END_ARRAY) {
                values.add(value(reader, key));
            }
            entities.put(key, values);
        }
    }

    private static Object value(JsonReader reader, String key) throws RequestException {
        return switch (reader.currentToken()) {
            case VALUE_STRING -> reader.text();
            case VALUE_NUMBER_INT -> {
                if (!reader.isLong()) {
                    throw RequestException.bad("a value of \"" + Json.shown(key) + "\" is beyond 64 bits");
                }
                yield reader.longValue();
            }
            case VALUE_NUMBER_FLOAT -> reader.doubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default ->
                throw RequestException.bad("a value of \"" + Json.shown(key)
                        + "\" must be a string, a number or a boolean, got " + Json.kind(reader.currentToken()));
        };
    }

    private static boolean truth(JsonToken value) throws RequestException {
        return switch (value) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw RequestException.bad("\"full_feature_names\" must be true or false");
        };
    }
}
