package dev.tatara.runtime.routing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Compares answers in JSON, with or without binary tensors: all but what names the model, the request and the time. */
public final class JsonComparison implements AnswerComparison {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> LEFT_OUT =
            Set.of("id", "model_name", "model_version", "request_id", "latency_ms", "total_latency_ms");

    private record Binary(String datatype, int size) {}

    @Override
    public String difference(Answer answer, Answer shadow, double tolerance) {
        List<Binary> binaries = new ArrayList<>();
        int json = length(answer);
        int shadowJson = length(shadow);
        try (JsonParser one = JSON.createParser(answer.bytes(), 0, json);
                JsonParser other = JSON.createParser(shadow.bytes(), 0, shadowJson)) {
            String difference = difference(one, other, tolerance, binaries);
            return difference != null
                    ? difference
                    : tensors(
                            binaries,
                            Arrays.copyOfRange(answer.bytes(), json, answer.bytes().length),
                            Arrays.copyOfRange(shadow.bytes(), shadowJson, shadow.bytes().length),
                            tolerance);
        } catch (IOException e) {
            return "an answer can't be read: " + e.getMessage();
        }
    }

    private static int length(Answer answer) {
        int all = answer.bytes().length;
        return answer.jsonLength() < 0 ? all : Math.min(all, answer.jsonLength());
    }

    private static String difference(JsonParser one, JsonParser other, double tolerance, List<Binary> binaries)
            throws IOException {
        String name = "";
        String datatype = "";
        while (true) {
            JsonToken token = one.nextToken();
            JsonToken otherToken = other.nextToken();
            if (token == null && otherToken == null) {
                return null;
            }
            boolean numbers = token != null && otherToken != null && token.isNumeric() && otherToken.isNumeric();
            if (token != otherToken && !numbers) {
                return at(one) + ": " + token + " against " + otherToken;
            }
            if (numbers) {
                if (!AnswerComparison.isClose(one.getDoubleValue(), other.getDoubleValue(), tolerance)) {
                    return at(one) + ": " + one.getText() + " against " + other.getText();
                }
                if (name.equals("binary_data_size")) {
                    binaries.add(new Binary(datatype, one.getIntValue()));
                }
            } else if (token == JsonToken.FIELD_NAME) {
                name = one.currentName();
                if (!name.equals(other.currentName())) {
                    return at(one) + " against " + at(other);
                }
                if (LEFT_OUT.contains(name)) {
                    one.nextToken();
                    one.skipChildren();
                    other.nextToken();
                    other.skipChildren();
                }
            } else if (token == JsonToken.VALUE_STRING) {
                if (!one.getText().equals(other.getText())) {
                    return at(one) + ": \"" + one.getText() + "\" against \"" + other.getText() + "\"";
                }
                datatype = name.equals("datatype") ? one.getText() : datatype;
            }
        }
    }

    private static String at(JsonParser parser) {
        return parser.getParsingContext().pathAsPointer().toString();
    }

    private static String tensors(List<Binary> binaries, byte[] one, byte[] other, double tolerance) {
        if (one.length != other.length) {
            return one.length + " bytes of tensors against " + other.length;
        }
        int from = 0;
        for (int i = 0; i < binaries.size(); i++) {
            int to = Math.min(one.length, from + binaries.get(i).size());
            String difference = TensorBytes.difference(
                    binaries.get(i).datatype(),
                    Arrays.copyOfRange(one, from, to),
                    Arrays.copyOfRange(other, from, to),
                    tolerance);
            if (difference != null) {
                return "binary output " + i + ", " + difference;
            }
            from = to;
        }
        return null;
    }
}
