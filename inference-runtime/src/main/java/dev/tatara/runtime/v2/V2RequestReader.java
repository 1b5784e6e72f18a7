package dev.tatara.runtime.v2;

import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads an inference request of the Open Inference Protocol V2, in one pass, data straight into native memory. Only where
 * a tensor's data comes before its name is that part of the body read twice. Reused, by one thread at a time.
 */
public final class V2RequestReader {
    private static final long LONGEST_MICROS = TimeUnit.DAYS.toMicros(1);

    private final Json json;
    private final V2InputReader inputs;
    private V2Wishes wishes;

    public V2RequestReader(Json json) {
        this.json = json;
        inputs = new V2InputReader(json);
    }

    /** Fills a request that was reset from a body that is JSON as a whole. */
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        read(bytes, offset, length, length, request);
    }

    /**
     * Fills a request that was reset.
     *
     * @param jsonLength how much of the body is JSON; what follows are tensors in binary form
     */
    public void read(byte[] bytes, int offset, int length, int jsonLength, InferenceRequest request)
            throws RequestException {
        wishes = null;
        inputs.begin(bytes, offset + jsonLength, offset + length);
        try {
            json.read(bytes, offset, jsonLength, parser -> readBody(parser, request));
            inputs.end();
        } finally {
            inputs.forget();
        }
        RequestRules.requireEveryInput(request);
    }

    /** How the last request wants its outputs, or null if it said nothing of it. */
    V2Wishes wishes() {
        return wishes;
    }

    private V2Wishes wish() {
        if (wishes == null) {
            wishes = new V2Wishes();
        }
        return wishes;
    }

    private void readBody(JsonReader parser, InferenceRequest request) throws RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, "the request");
        boolean given = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "id" -> {
                    if (value != JsonToken.VALUE_NULL) {
                        Json.expect(parser, JsonToken.VALUE_STRING, "\"id\"");
                        request.setId(parser.text());
                    }
                }
                case "inputs" -> {
                    Json.expect(parser, JsonToken.START_ARRAY, "\"inputs\"");
                    given = true;
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        inputs.read(parser, request);
                    }
                }
                case "outputs" -> readOutputs(parser, request);
                case "parameters" -> readParameters(parser, request);
                default -> parser.skipChildren();
            }
        }
        if (!given) {
            throw RequestException.bad("\"inputs\" is missing: expected an array of tensors");
        }
    }

    /** What this server knows; sequences, priorities and whatever else there is don't concern it. */
    private void readParameters(JsonReader parser, InferenceRequest request) throws RequestException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Json.expect(parser, JsonToken.START_OBJECT, "\"parameters\"");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String parameter = parser.currentName();
            parser.nextToken();
            switch (parameter) {
                case "binary_data_output" -> wish().setBinaryByDefault(bool(parser, parameter));
                case "timeout" -> {
                    long micros = whole(parser, parameter, Long.MAX_VALUE);
                    if (micros > 0 && micros < LONGEST_MICROS) {
                        request.setDeadlineNanos(System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros));
                    }
                }
                default -> parser.skipChildren();
            }
        }
    }

    private static boolean bool(JsonReader parser, String parameter) throws RequestException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw RequestException.bad("\"" + parameter + "\" must be true or false, got " + Json.kind(token));
        }
        return token == JsonToken.VALUE_TRUE;
    }

    private static long whole(JsonReader parser, String parameter, long most) throws RequestException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                || !parser.isLong()
                || parser.longValue() < 0
                || parser.longValue() > most) {
            throw RequestException.bad("\"" + parameter + "\" must be a whole number from 0 to " + most + ", got "
                    + (parser.currentToken().isScalarValue()
                            ? Json.shown(parser.text())
                            : Json.kind(parser.currentToken())));
        }
        return parser.longValue();
    }

    private void readOutputs(JsonReader parser, InferenceRequest request) throws RequestException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Json.expect(parser, JsonToken.START_ARRAY, "\"outputs\"");
        List<Integer> positions = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Json.expect(parser, JsonToken.START_OBJECT, "an element of \"outputs\"");
            String name = null;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "name" -> {
                        Json.expect(parser, JsonToken.VALUE_STRING, "an output's \"name\"");
                        name = parser.text();
                    }
                    case "parameters" -> readOutputParameters(parser, positions.size());
                    default -> parser.skipChildren();
                }
            }
            if (name == null) {
                throw RequestException.bad("an element of \"outputs\" has no \"name\"");
            }
            positions.add(RequestRules.output(request.model(), name, positions));
        }
        if (!positions.isEmpty()) {
            request.setOutputs(positions.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    private void readOutputParameters(JsonReader parser, int position) throws RequestException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Json.expect(parser, JsonToken.START_OBJECT, "an output's \"parameters\"");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String parameter = parser.currentName();
            parser.nextToken();
            switch (parameter) {
                case "binary_data" -> wish().setBinary(position, bool(parser, parameter));
                case "classification" -> wish().setClasses(position, (int) whole(parser, parameter, TopClasses.MOST));
                case "shared_memory_region" ->
                    throw RequestException.bad("an output is wanted in shared memory (\"shared_memory_region\"), which"
                            + " this server does not share with its clients");
                default -> parser.skipChildren();
            }
        }
    }
}
