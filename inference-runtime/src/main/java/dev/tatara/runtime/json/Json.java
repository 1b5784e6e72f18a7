package dev.tatara.runtime.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.tatara.runtime.inference.RequestException;
import java.io.IOException;

/** The JSON parser and what its errors become. */
public final class Json {
    private static final int DEEPEST = 100;
    private static final int LONGEST_NUMBER = 400;
    private static final int LONGEST_NAME = 10_000;
    private static final int LONGEST_SHOWN = 40;

    private final JsonFactory factory = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            // Names come from clients, who must not fill the JVM's own table. The factory's table is bounded, and
            // without
            // it Jackson falls back to a slower parser that doesn't know byte offsets.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNameLength(LONGEST_NAME)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** What reads a body. */
    public interface Reading {
        void read(JsonParser parser) throws IOException, RequestException;
    }

    public JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
        return factory.createParser(bytes, offset, length);
    }

    /** Reads one JSON value that must be the whole body. */
    public void read(byte[] bytes, int offset, int length, Reading reading) throws RequestException {
        try (JsonParser parser = parser(bytes, offset, length)) {
            try {
                if (parser.nextToken() == null) {
                    throw RequestException.bad("the body is empty, expected JSON");
                }
                reading.read(parser);
                if (parser.nextToken() != null) {
                    throw RequestException.bad("the body goes on after its JSON value" + at(parser.currentLocation()));
                }
            } catch (JsonProcessingException e) {
                throw RequestException.bad(
                        "the body is not JSON: " + oneLine(e.getOriginalMessage()) + at(e.getLocation()));
            }
        } catch (IOException e) {
            throw RequestException.bad("the body is not JSON: " + oneLine(e.getMessage()));
        }
    }

    private static String at(JsonLocation location) {
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    private static String oneLine(String message) {
        return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
    }

    /** How people call what a token begins. */
    public static String kind(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case END_ARRAY, END_OBJECT, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "something else";
        };
    }

    /** A client's text for a message: not longer than people read. */
    public static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }

    /** Fails unless the parser stands at the expected token. */
    public static void expect(JsonParser parser, JsonToken expected, String what) throws RequestException {
        if (parser.currentToken() != expected) {
            throw RequestException.bad(what + " must be " + kind(expected) + ", got " + kind(parser.currentToken()));
        }
    }
}
