package dev.tatara.runtime.features;

import dev.tatara.features.DefaultValue;
import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the file that says which views may be looked up:
 *
 * <pre>{@code
 * {"views": [{"name": "user-activity", "project": "shop", "ttl": "PT24H", "store": "redis",
 *             "joinKeys": [{"name": "user_id", "type": "INT64"}],
 *             "features": [{"name": "logins_7d", "type": "INT64", "default": "0"}]}]}
 * }</pre>
 *
 * Without a ttl values count for ever; fields that aren't known are passed over.
 */
public final class FeatureFile {
    private static final String NO_TTL = "PT0S";

    private FeatureFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException where it can't be read or isn't as above; the message says what to do
     */
    public static List<StoredView> read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "tatara.runtime.features.file: " + file + " can't be read: " + e.getMessage(), e);
        }
        try {
            return read(bytes);
        } catch (RequestException | IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException("tatara.runtime.features.file: " + file + ": " + e.getMessage(), e);
        }
    }

    static List<StoredView> read(byte[] bytes) throws RequestException {
        List<StoredView> views = new ArrayList<>();
        new Json().read(bytes, 0, bytes.length, reader -> {
            Json.expect(reader, JsonToken.START_OBJECT, "the file");
            while (reader.nextToken() != JsonToken.END_OBJECT) {
                String field = reader.currentName();
                reader.nextToken();
                if (field.equals("views")) {
                    each(reader, "views", () -> views.add(view(reader)));
                } else {
                    reader.skipChildren();
                }
            }
        });
        if (views.isEmpty()) {
            throw RequestException.bad("expected {\"views\": [{\"name\": …}, …]}, found no view");
        }
        long names = views.stream().map(view -> view.view().name()).distinct().count();
        if (names < views.size()) {
            throw RequestException.bad("two views have the same name");
        }
        return List.copyOf(views);
    }

    private interface Element {
        void read() throws RequestException;
    }

    private static void each(JsonReader reader, String what, Element element) throws RequestException {
        Json.expect(reader, JsonToken.START_ARRAY, "\"" + what + "\"");
        while (reader.nextToken() != JsonToken.END_ARRAY) {
            Json.expect(reader, JsonToken.START_OBJECT, "an element of \"" + what + "\"");
            element.read();
        }
    }

    private static StoredView view(JsonReader reader) throws RequestException {
        String name = null;
        String project = null;
        String ttl = NO_TTL;
        String store = null;
        List<JoinKey> keys = new ArrayList<>();
        List<OnlineFeature> features = new ArrayList<>();
        while (reader.nextToken() != JsonToken.END_OBJECT) {
            String field = reader.currentName();
            reader.nextToken();
            switch (field) {
                case "name" -> name = text(reader, field);
                case "project" -> project = text(reader, field);
                case "ttl" -> ttl = text(reader, field);
                case "store" -> store = text(reader, field);
                case "joinKeys" ->
                    each(reader, field, () -> {
                        OnlineFeature key = feature(reader);
                        keys.add(new JoinKey(key.name(), key.type()));
                    });
                case "features" -> each(reader, field, () -> features.add(feature(reader)));
                default -> reader.skipChildren();
            }
        }
        OnlineView view =
                new OnlineView(require(project, "project"), require(name, "name"), keys, features, Duration.parse(ttl));
        return new StoredView(view, require(store, "store"));
    }

    private static OnlineFeature feature(JsonReader reader) throws RequestException {
        String name = null;
        String type = null;
        String byDefault = null;
        while (reader.nextToken() != JsonToken.END_OBJECT) {
            String field = reader.currentName();
            reader.nextToken();
            switch (field) {
                case "name" -> name = text(reader, field);
                case "type" -> type = text(reader, field);
                case "default" -> byDefault = text(reader, field);
                default -> reader.skipChildren();
            }
        }
        FeatureType known = FeatureType.valueOf(require(type, "type"));
        return new OnlineFeature(
                require(name, "name"), known, byDefault == null ? null : DefaultValue.parse(known, byDefault));
    }

    private static String text(JsonReader reader, String field) throws RequestException {
        Json.expect(reader, JsonToken.VALUE_STRING, "\"" + field + "\"");
        return reader.text();
    }

    private static String require(String value, String field) throws RequestException {
        if (value == null) {
            throw RequestException.bad("\"" + field + "\" is missing");
        }
        return value;
    }
}
