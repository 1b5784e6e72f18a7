package dev.tatara.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.tatara.runtime.inference.RequestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what Jackson reads, as Jackson reads it, and refuses what Jackson refuses. */
class JsonReaderTest {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100)
                    .maxNumberLength(400)
                    .build())
            .build();
    private static final int DOCUMENTS = 20_000;
    private static final int NUMBERS = 300_000;

    private final JsonReader reader = new JsonReader();

    /** One line for each token. */
    private List<String> ours(byte[] text) throws RequestException {
        List<String> tokens = new ArrayList<>();
        byte[] shifted = new byte[text.length + 7];
        Arrays.fill(shifted, (byte) '7');
        System.arraycopy(text, 0, shifted, 3, text.length);
        reader.begin(shifted, 3, text.length);
        for (JsonToken token = reader.nextToken(); token != null; token = reader.nextToken()) {
            tokens.add(token
                    + (token.isScalarValue() || token == JsonToken.FIELD_NAME ? " " + reader.text() : "")
                    + number(token));
        }
        return tokens;
    }

    private String number(JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> " " + reader.bigIntegerValue() + " " + reader.doubleValue();
            case VALUE_NUMBER_FLOAT -> " " + reader.floatValue() + " " + reader.doubleValue();
            default -> "";
        };
    }

    private static List<String> jacksons(byte[] text) throws IOException {
        List<String> tokens = new ArrayList<>();
        boolean atTop = false;
        try (JsonParser parser = JACKSON.createParser(text)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (!tokens.isEmpty() && atTop) {
                    throw new IOException("more than one value");
                }
                atTop = parser.getParsingContext().inRoot();
                boolean named = token.isScalarValue() || token == com.fasterxml.jackson.core.JsonToken.FIELD_NAME;
                tokens.add(token
                        + (named ? " " + parser.getText() : "")
                        + switch (token) {
                            case VALUE_NUMBER_INT ->
                                " " + parser.getBigIntegerValue() + " " + Double.parseDouble(parser.getText());
                            case VALUE_NUMBER_FLOAT ->
                                " " + Float.parseFloat(parser.getText()) + " " + Double.parseDouble(parser.getText());
                            default -> "";
                        });
            }
        }
        return tokens;
    }

    @Test
    void readsDocumentsAsJacksonDoes() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] text = utf8(document(random, 0));
            assertThat(ours(text)).as(new String(text, StandardCharsets.UTF_8)).isEqualTo(jacksons(text));
        }
    }

    /** Where the two differ on purpose, ours is the stricter: half surrogates, and encodings other than UTF-8. */
    @Test
    void acceptsNoDocumentThatJacksonRefuses() throws Exception {
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] text = broken(utf8(document(random, 0)), random);
            List<String> read;
            try {
                read = ours(text);
            } catch (RequestException e) {
                refused++;
                assertThat(e.status()).isEqualTo(400);
                continue;
            }
            assertThat(read).as(new String(text, StandardCharsets.UTF_8)).isEqualTo(jacksons(text));
        }
        assertThat(refused).isBetween(DOCUMENTS / 4, DOCUMENTS * 99 / 100);
    }

    @Test
    void refusesNoAsciiDocumentThatJacksonAccepts() throws Exception {
        Random random = new Random(13);
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] text = utf8(document(random, 0));
            text[random.nextInt(text.length)] = (byte) (' ' + random.nextInt(95));
            String shown = new String(text, StandardCharsets.UTF_8);
            List<String> expected;
            try {
                expected = jacksons(text);
            } catch (IOException e) {
                continue;
            }
            if (!shown.matches("(?s).*\\\\u[dD][89a-fA-F].*")) {
                assertThat(ours(text)).as(shown).isEqualTo(expected);
            }
        }
    }

    private static byte[] broken(byte[] text, Random random) {
        byte[] changed = text.clone();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int at = random.nextInt(changed.length);
            switch (random.nextInt(3)) {
                case 0 -> changed[at] = (byte) random.nextInt(256);
                case 1 -> changed[at] = (byte) "[]{},:\"\\-+.eE0 ".charAt(random.nextInt(15));
                default -> changed = Arrays.copyOf(changed, Math.max(1, at));
            }
        }
        return changed;
    }

    private static String document(Random random, int depth) {
        String space = random.nextInt(4) == 0 ? " \n" : "";
        int kind = depth > 4 ? 2 + random.nextInt(5) : random.nextInt(7);
        return space
                + switch (kind) {
                    case 0 -> {
                        List<String> elements = new ArrayList<>();
                        for (int i = random.nextInt(5); i > 0; i--) {
                            elements.add(document(random, depth + 1));
                        }
                        yield "[" + String.join(space + ",", elements) + space + "]";
                    }
                    case 1 -> {
                        List<String> fields = new ArrayList<>();
                        for (int i = random.nextInt(5); i > 0; i--) {
                            fields.add(string(random) + space + ":" + document(random, depth + 1));
                        }
                        yield "{" + String.join(",", fields) + space + "}";
                    }
                    case 2 -> string(random);
                    case 3 -> number(random);
                    case 4 -> "true";
                    case 5 -> "false";
                    default -> "null";
                }
                + space;
    }

    private static String string(Random random) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(
                    switch (random.nextInt(9)) {
                        case 0 -> "\\n";
                        case 1 -> "\\u00e9";
                        case 2 -> "\\ud83d\\ude00";
                        case 3 -> "é";
                        case 4 -> "😀";
                        case 5 -> "\\\"";
                        case 6 -> "\\\\";
                        default -> String.valueOf((char) ('a' + random.nextInt(26)));
                    });
        }
        return text.append('"').toString();
    }

    private static String number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> String.valueOf(random.nextInt(100));
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> String.valueOf(random.nextFloat() * 1000 - 500);
            case 3 -> String.valueOf(random.nextDouble());
            case 4 -> (random.nextInt(19) - 9) + "." + random.nextInt(1000) + "e" + (random.nextInt(90) - 45);
            default -> "-0";
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Floats of all sizes, spelt as clients spell them: shortest, as a double, to many digits, half way between two. */
    @Test
    void numbersAreTheNearest() throws Exception {
        Random random = new Random(17);
        for (int i = 0; i < NUMBERS; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (!Float.isFinite(value)) {
                continue;
            }
            double next = Math.nextUp(value);
            String text =
                    switch (random.nextInt(6)) {
                        case 0 -> String.valueOf(value);
                        case 1 -> String.valueOf((double) value);
                        case 2 -> String.valueOf(((double) value + next) / 2);
                        case 3 -> String.valueOf(Math.nextUp(((double) value + next) / 2));
                        case 4 -> new java.math.BigDecimal(random.nextGaussian()).toString();
                        default -> String.valueOf(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
                    };
            if (text.length() > 300 || text.contains("Infinity")) {
                continue;
            }
            byte[] bytes = utf8(text);
            reader.begin(bytes, 0, bytes.length);
            reader.nextToken();
            assertThat(reader.floatValue()).as(text).isEqualTo(Float.parseFloat(text));
            assertThat(reader.doubleValue()).as(text).isEqualTo(Double.parseDouble(text));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "[01]", "[1.]", "[.5]", "[+1]", "[1e]", "[-]",
                "[NaN]", "[Infinity]", "nul", "[truex]", "\"a", "\"\\x\"", "\"\\u12g4\"", "[", "{", "[1]]", "[1] 2",
                "\"\\ud800\"", "\"\u0001\"", "[1,,2]", "{\"a\":}", "{,}", "'a'", "[1]/*x*/"
            })
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> ours(utf8(text)))
                .isInstanceOf(RequestException.class)
                .hasMessageMatching("the body .* \\(line 1, column \\d+\\)");
    }

    @Test
    void boundsNestingAndNumbers() {
        assertThatThrownBy(() -> ours(utf8("[".repeat(101)))).hasMessageContaining("nested deeper than 100");
        assertThatThrownBy(() -> ours(utf8("1".repeat(401)))).hasMessageContaining("longer than 400");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        for (byte[] wrong : List.of(
                new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'},
                new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
                new byte[] {'"', (byte) 0xff, '"'},
                new byte[] {'"', (byte) 0xe2, (byte) 0x82, '"'})) {
            assertThatThrownBy(() -> ours(wrong)).hasMessageContaining("not UTF-8");
        }
    }

    @Test
    void goesOverNumbersQuickly() throws Exception {
        byte[] text = utf8("[[1, 2.5,-3],[4]]");
        reader.begin(text, 0, text.length);
        reader.nextToken();
        reader.nextToken();
        assertThat(reader.nextNumber()).isFalse();
        reader.nextToken();
        assertThat(reader.nextNumber()).isTrue();
        assertThat(reader.doubleValue()).isEqualTo(2.5);
        assertThat(reader.nextNumber()).isTrue();
        assertThat(reader.longValue()).isEqualTo(-3);
        assertThat(reader.nextNumber()).isFalse();
        assertThat(reader.nextToken()).isEqualTo(JsonToken.END_ARRAY);
        assertThat(reader.nextNumber()).isFalse();
        assertThat(reader.nextToken()).isEqualTo(JsonToken.START_ARRAY);
    }
}
