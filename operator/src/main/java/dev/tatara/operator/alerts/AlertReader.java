package dev.tatara.operator.alerts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a post of an Alertmanager (webhook payload, version 4) alert by alert, so that the memory it takes doesn't
 * depend on how many there are. Fields that it doesn't know are passed over.
 */
final class AlertReader {
    private static final String VERSION = "4";
    private static final int FINGERPRINT_LENGTH = 64;
    private static final int MAX_LABELS = 256;

    private static final JsonFactory JSON = JsonFactory.builder()
            // Names of labels come from outside: none of them is worth remembering.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(4096)
                    .maxStringLength(1 << 20)
                    .build())
            .build();

    private AlertReader() {}

    /** Takes alerts, one after the other. */
    @FunctionalInterface
    interface Sink {
        void take(AlertNews alert) throws RefusedPost;
    }

    /**
     * Hands on every alert of a post.
     *
     * @param most alerts that a post may have
     * @return how many there were
     * @throws RefusedPost if it isn't what an Alertmanager posts, or has too many; some alerts may have been handed on
     */
    static int read(InputStream body, int most, Sink sink) throws IOException, RefusedPost {
        try (var parser = JSON.createParser(body)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT, "a post of an Alertmanager, a JSON object");
            var count = 0;
            String version = null;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "version" -> version = text(parser, "version");
                    case "alerts" -> count += alerts(parser, most - count, sink);
                    default -> parser.skipChildren();
                }
            }
            if (!VERSION.equals(version)) {
                throw RefusedPost.malformed("expected version " + VERSION + " of the payload, found " + version);
            }
            return count;
        }
    }

    private static int alerts(JsonParser parser, int most, Sink sink) throws IOException, RefusedPost {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return 0;
        }
        expect(parser.currentToken(), JsonToken.START_ARRAY, "alerts, a list");
        var count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (++count > most) {
                throw RefusedPost.tooLarge("the post has too many alerts: set max_alerts in the receiver's"
                        + " webhook_configs, or group them by namespace");
            }
            sink.take(alert(parser));
        }
        return count;
    }

    private static AlertNews alert(JsonParser parser) throws IOException, RefusedPost {
        expect(parser.currentToken(), JsonToken.START_OBJECT, "an alert, a JSON object");
        String status = null;
        String fingerprint = null;
        Instant startsAt = null;
        Instant endsAt = null;
        Map<String, String> labels = Map.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "status" -> status = text(parser, field);
                case "fingerprint" -> fingerprint = text(parser, field);
                case "startsAt" -> startsAt = time(parser, field);
                case "endsAt" -> endsAt = time(parser, field);
                case "labels" -> labels = labels(parser);
                default -> parser.skipChildren();
            }
        }
        if (fingerprint == null || fingerprint.isEmpty() || fingerprint.length() > FINGERPRINT_LENGTH) {
            throw RefusedPost.malformed("expected each alert to have a fingerprint of 1 to " + FINGERPRINT_LENGTH
                    + " characters, found " + fingerprint);
        }
        if (startsAt == null) {
            throw RefusedPost.malformed("expected each alert to have startsAt, found none in " + fingerprint);
        }
        var isFiring =
                switch (status) {
                    case "firing" -> true;
                    case "resolved" -> false;
                    case null, default ->
                        throw RefusedPost.malformed("expected the status firing or resolved, found %s in %s"
                                .formatted(status, fingerprint));
                };
        return new AlertNews(fingerprint, isFiring, startsAt, isFiring ? null : endsAt, labels);
    }

    private static Map<String, String> labels(JsonParser parser) throws IOException, RefusedPost {
        expect(parser.currentToken(), JsonToken.START_OBJECT, "labels, a JSON object");
        var labels = new HashMap<String, String>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            parser.nextToken();
            labels.put(name, text(parser, "labels"));
            if (labels.size() > MAX_LABELS) {
                throw RefusedPost.malformed("expected at most " + MAX_LABELS + " labels of an alert, found more");
            }
        }
        return labels;
    }

    private static Instant time(JsonParser parser, String field) throws IOException, RefusedPost {
        var text = text(parser, field);
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw RefusedPost.malformed(
                    "expected %s to be a time such as 2026-11-21T06:00:00Z, found %s".formatted(field, text));
        }
    }

    private static String text(JsonParser parser, String field) throws IOException, RefusedPost {
        expect(parser.currentToken(), JsonToken.VALUE_STRING, field + ", a text");
        return parser.getText();
    }

    private static void expect(JsonToken found, JsonToken wanted, String what) throws RefusedPost {
        if (found != wanted) {
            throw RefusedPost.malformed("expected " + what + ", found " + (found == null ? "the end" : found));
        }
    }
}
