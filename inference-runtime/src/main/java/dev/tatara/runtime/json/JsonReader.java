package dev.tatara.runtime.json;

import dev.tatara.runtime.inference.RequestException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON token by token from bytes: strict (RFC 8259, UTF-8), bounded, and without making objects but for names and
 * texts that are asked for. Reused, by one thread at a time.
 */
public final class JsonReader {
    private static final int DEEPEST = 100;
    private static final byte[] NOTHING = {};
    private static final int LONGEST_NUMBER = 400;

    private final Decimal decimal = new Decimal();
    private final JsonNames names = new JsonNames();
    private final JsonText texts = new JsonText();
    private final boolean[] objects = new boolean[DEEPEST + 1];
    private byte[] bytes = NOTHING;
    private int start;
    private int end;
    private int at;
    private int depth;
    private boolean first;
    private int textFrom;
    private int textTo;
    private JsonToken token;
    private String name;

    /** Begins anew, before the first token. */
    public void begin(byte[] text, int offset, int length) {
        bytes = text;
        start = offset;
        end = offset + length;
        at = offset + byteOrderMark(text, offset, length);
        depth = 0;
        first = true;
        token = null;
        name = null;
    }

    /** Some editors write one before UTF-8, where it means nothing. */
    private static int byteOrderMark(byte[] text, int offset, int length) {
        boolean marked = length >= 3
                && text[offset] == (byte) 0xef
                && text[offset + 1] == (byte) 0xbb
                && text[offset + 2] == (byte) 0xbf;
        return marked ? 3 : 0;
    }

    /** Lets go of the text. */
    public void finish() {
        begin(NOTHING, 0, 0);
    }

    /** What the reader stands at; null before the first token and after the last. */
    public JsonToken currentToken() {
        return token;
    }

    /** The name of the field that the reader is in, or stands at. */
    public String currentName() {
        return name;
    }

    /** Where the next token will be looked for: offset from the beginning of the array. */
    public int position() {
        return at;
    }

    /**
     * Goes to the next token.
     *
     * @return null at the end of the text
     * @throws RequestException if the text isn't JSON
     */
    public JsonToken nextToken() throws RequestException {
        if (token == JsonToken.FIELD_NAME) {
            expect(':');
            skipSpace();
            return value();
        }
        skipSpace();
        if (depth == 0) {
            return top();
        }
        if (at == end) {
            throw bad("it ends inside " + (objects[depth] ? "an object" : "an array"));
        }
        byte next = bytes[at];
        if (next == (objects[depth] ? '}' : ']')) {
            at++;
            token = objects[depth] ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
            depth--;
            first = false;
            return token;
        }
        if (!first) {
            if (next != ',') {
                throw unexpected("a comma or " + (objects[depth] ? "}" : "]"));
            }
            at++;
            skipSpace();
        }
        first = false;
        return objects[depth] ? fieldName() : value();
    }

    private JsonToken top() throws RequestException {
        if (token == null && first) {
            if (at == end) {
                return null;
            }
            first = false;
            return value();
        }
        if (at < end) {
            throw RequestException.bad("the body goes on after its JSON value" + where());
        }
        token = null;
        return null;
    }

    private JsonToken fieldName() throws RequestException {
        if (at == end || bytes[at] != '"') {
            throw unexpected("a field's name");
        }
        string();
        name = names.of(bytes, textFrom, textTo);
        if (name == null) {
            name = text(bytes, textFrom, textTo);
        }
        token = JsonToken.FIELD_NAME;
        return token;
    }

    private JsonToken value() throws RequestException {
        if (at == end) {
            throw bad("it ends where a value is expected");
        }
        byte next = bytes[at];
        token = switch (next) {
            case '{' -> open(true);
            case '[' -> open(false);
            case '"' -> string();
            case 't' -> word("true", JsonToken.VALUE_TRUE);
            case 'f' -> word("false", JsonToken.VALUE_FALSE);
            case 'n' -> word("null", JsonToken.VALUE_NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("a value");
        };
        return token;
    }

    private JsonToken open(boolean object) throws RequestException {
        if (depth == DEEPEST) {
            throw bad("it is nested deeper than " + DEEPEST);
        }
        at++;
        objects[++depth] = object;
        first = true;
        return object ? JsonToken.START_OBJECT : JsonToken.START_ARRAY;
    }

    private JsonToken word(String word, JsonToken meant) throws RequestException {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= end || bytes[at + i] != word.charAt(i)) {
                throw unexpected("a value");
            }
        }
        at += word.length();
        endOfScalar();
        return meant;
    }

    private JsonToken number() throws RequestException {
        int from = at;
        int to = decimal.read(bytes, at, end);
        if (to < 0) {
            at = -1 - to;
            throw at < end && bytes[at] == '0' ? bad("a number begins with 0") : unexpected("a digit");
        }
        if (to - from > LONGEST_NUMBER) {
            throw bad("a number is longer than " + LONGEST_NUMBER + " characters");
        }
        at = to;
        endOfScalar();
        return decimal.isWhole() ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_NUMBER_FLOAT;
    }

    private void endOfScalar() throws RequestException {
        if (at < end) {
            switch (bytes[at]) {
                case ',', ']', '}', ' ', '\n', '\r', '\t' -> {}
                default -> throw unexpected("a comma or the end of the value");
            }
        }
    }

    private JsonToken string() throws RequestException {
        textFrom = at + 1;
        int close = texts.endOf(bytes, textFrom, end);
        if (close < 0) {
            at = -1 - close;
            throw bad(texts.problem());
        }
        textTo = close;
        at = close + 1;
        return JsonToken.VALUE_STRING;
    }

    private String text(byte[] source, int from, int to) throws RequestException {
        byte[] utf8 = texts.unescape(source, from, to);
        if (utf8 == null) {
            throw bad(texts.problem());
        }
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** The text of a string, as UTF-8. */
    public byte[] utf8() throws RequestException {
        byte[] utf8 = texts.unescape(bytes, textFrom, textTo);
        if (utf8 == null) {
            throw bad(texts.problem());
        }
        return utf8;
    }

    /** The text of a string, a number as it was written, or the word that a token is. */
    public String text() throws RequestException {
        return switch (token) {
            case VALUE_STRING -> text(bytes, textFrom, textTo);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> decimal.text();
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> "null";
            case FIELD_NAME -> name;
            case START_OBJECT -> "{";
            case END_OBJECT -> "}";
            case START_ARRAY -> "[";
            case END_ARRAY -> "]";
        };
    }

    /** Whether a whole number is a long. */
    public boolean isLong() {
        return decimal.isLong();
    }

    /** A whole number that {@link #isLong()}. */
    public long longValue() {
        return decimal.longValue();
    }

    /** A whole number, however large. */
    public BigInteger bigIntegerValue() {
        return decimal.bigIntegerValue();
    }

    /** The float nearest to a number; infinite beyond the largest. */
    public float floatValue() {
        return decimal.floatValue();
    }

    /** The double nearest to a number; infinite beyond the largest. */
    public double doubleValue() {
        return decimal.doubleValue();
    }

    /**
     * Goes to the next token if it is another number of the array that the reader is in, which costs less than
     * {@link #nextToken()}.
     *
     * @return false, and the reader stays where it is, if anything else follows
     */
    public boolean nextNumber() throws RequestException {
        int next = at;
        if (next >= end || bytes[next] != ',' || objects[depth]) {
            return false;
        }
        next++;
        while (next < end && isSpace(bytes[next])) {
            next++;
        }
        if (next >= end || (bytes[next] != '-' && (bytes[next] < '0' || bytes[next] > '9'))) {
            return false;
        }
        at = next;
        token = number();
        return true;
    }

    /** From the beginning of an object or array to its end; nothing elsewhere. */
    public void skipChildren() throws RequestException {
        if (token != JsonToken.START_OBJECT && token != JsonToken.START_ARRAY) {
            return;
        }
        int outside = depth - 1;
        while (depth > outside) {
            nextToken();
        }
    }

    private void skipSpace() {
        while (at < end && bytes[at] <= ' ' && isSpace(bytes[at])) {
            at++;
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private void expect(char wanted) throws RequestException {
        skipSpace();
        if (at == end || bytes[at] != wanted) {
            throw unexpected("a " + (wanted == ':' ? "colon" : wanted));
        }
        at++;
    }

    private RequestException unexpected(String wanted) {
        String found = at >= end
                ? "it ends"
                : bytes[at] > ' ' && bytes[at] < 0x7f
                        ? "found '" + (char) bytes[at] + "'"
                        : "found byte " + Integer.toHexString(bytes[at] & 0xff);
        return bad("expected " + wanted + ", " + found);
    }

    private RequestException bad(String what) {
        return RequestException.bad("the body is not JSON: " + what + where());
    }

    private String where() {
        int line = 1;
        int column = 1;
        for (int i = start; i < at && i < end; i++) {
            if (bytes[i] == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
        return " (line " + line + ", column " + column + ")";
    }
}
