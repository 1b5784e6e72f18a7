package dev.tatara.traffic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Goes through objects and arrays, and refuses what isn't one. */
final class JsonWalk {
    private JsonWalk() {}

    interface Element<T> {
        T read(JsonParser parser) throws IOException;
    }

    static void begin(JsonParser parser) throws IOException {
        expect(parser, JsonToken.START_OBJECT);
    }

    /** The name of an object's next member, whose value is the parser's token then; null at the object's end. */
    static String next(JsonParser parser) throws IOException {
        if (parser.nextToken() == JsonToken.END_OBJECT) {
            return null;
        }
        String name = parser.currentName();
        parser.nextToken();
        return name;
    }

    static void beginArray(JsonParser parser) throws IOException {
        expect(parser, JsonToken.START_ARRAY);
    }

    static boolean isMore(JsonParser parser) throws IOException {
        return parser.nextToken() != JsonToken.END_ARRAY;
    }

    static <T> List<T> list(JsonParser parser, Element<T> element) throws IOException {
        beginArray(parser);
        List<T> elements = new ArrayList<>();
        while (isMore(parser)) {
            elements.add(element.read(parser));
        }
        return elements;
    }

    /** A text, or null. */
    static String text(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        expect(parser, JsonToken.VALUE_STRING);
        return parser.getText();
    }

    private static void expect(JsonParser parser, JsonToken token) throws IOException {
        if (parser.currentToken() != token) {
            throw new InputCoercionException(
                    parser, "expected " + token + ", found " + parser.currentToken(), token, Object.class);
        }
    }
}
