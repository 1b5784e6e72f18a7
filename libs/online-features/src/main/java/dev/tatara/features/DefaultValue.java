package dev.tatara.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Values written as texts, as a view's definition has its defaults: numbers as in Java, {@code true} or {@code false}, texts
 * as they are, bytes in base64, times as in {@code 2026-11-21T10:00:00Z} or as seconds since 1970, lists as in {@code [1,
 * 2]} with nothing to quote elements that have commas in them.
 */
public final class DefaultValue {
    private DefaultValue() {}

    /**
     * The value that a text stands for.
     *
     * @throws IllegalArgumentException where the text is no value of the type
     */
    public static Object parse(FeatureType type, String text) {
        try {
            return type.isList() ? list(type.elementType(), text.strip()) : scalar(type, text);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a default for " + type + " such as " + example(type) + ", found '" + text + "'", e);
        }
    }

    private static Object scalar(FeatureType type, String text) {
        return switch (type) {
            case STRING -> text;
            case BYTES -> Base64.getDecoder().decode(text.strip().getBytes(UTF_8));
            case INT32 -> Integer.valueOf(text.strip());
            case INT64 -> Long.valueOf(text.strip());
            case FLOAT -> Float.valueOf(text.strip());
            case DOUBLE -> Double.valueOf(text.strip());
            case BOOL ->
                switch (text.strip()) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("neither true nor false");
                };
            case UNIX_TIMESTAMP -> {
                String time = text.strip();
                yield time.matches("-?\\d{1,18}")
                        ? Instant.ofEpochSecond(Long.parseLong(time))
                        : Instant.ofEpochSecond(Instant.parse(time).getEpochSecond());
            }
            default -> throw new IllegalStateException(type.name());
        };
    }

    private static List<Object> list(FeatureType element, String text) {
        if (!text.startsWith("[") || !text.endsWith("]") || text.length() < 2) {
            throw new IllegalArgumentException("no list");
        }
        List<Object> elements = new ArrayList<>();
        String inside = text.substring(1, text.length() - 1).strip();
        if (!inside.isEmpty()) {
            for (String one : inside.split(",", -1)) {
                elements.add(scalar(element, one.strip()));
            }
        }
        return List.copyOf(elements);
    }

    private static String example(FeatureType type) {
        return switch (type) {
            case BYTES -> "aGVsbG8=";
            case STRING -> "unknown";
            case INT32, INT64 -> "0";
            case FLOAT, DOUBLE -> "0.5";
            case BOOL -> "false";
            case UNIX_TIMESTAMP -> "1970-01-01T00:00:00Z";
            default -> "[] or [" + example(type.elementType()) + "]";
        };
    }
}
