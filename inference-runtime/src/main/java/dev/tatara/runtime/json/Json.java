package dev.tatara.runtime.json;

import dev.tatara.runtime.inference.RequestException;

/** How bodies are read, and what their errors become. Used by one thread. */
public final class Json {
    private static final int LONGEST_SHOWN = 40;

    private final JsonReader reader = new JsonReader();
    private final JsonReader second = new JsonReader();

    /** What reads a body. */
    public interface Reading {
        void read(JsonReader reader) throws RequestException;
    }

    /** For a part of a body that is read while the body is: where data comes before what says what it is. */
    public JsonReader second() {
        return second;
    }

    /** Reads one JSON value that must be the whole body. */
    public void read(byte[] bytes, int offset, int length, Reading reading) throws RequestException {
        reader.begin(bytes, offset, length);
        try {
            if (reader.nextToken() == null) {
                throw RequestException.bad("the body is empty, expected JSON");
            }
            reading.read(reader);
            reader.nextToken();
        } finally {
            reader.finish();
        }
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
            case END_ARRAY, END_OBJECT, FIELD_NAME -> "something else";
        };
    }

    /**
     * Reads what a client calls something: a text or a whole number.
     *
     * @return null for null
     */
    public static String id(JsonReader reader, String name) throws RequestException {
        JsonToken token = reader.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
            throw RequestException.bad("\"" + name + "\" must be a string, got " + kind(token));
        }
        return reader.text();
    }

    /** A client's text for a message: not longer than people read. */
    public static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }

    /** Fails unless the reader stands at the expected token. */
    public static void expect(JsonReader reader, JsonToken expected, String what) throws RequestException {
        if (reader.currentToken() != expected) {
            throw RequestException.bad(what + " must be " + kind(expected) + ", got " + kind(reader.currentToken()));
        }
    }
}
