package dev.tatara.runtime.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.TensorReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads an inference request of the Open Inference Protocol V2 in JSON, in one pass, data straight into native memory.
 * Only where a tensor's data comes before its name is that part of the body read twice. Reused, by one thread at a time.
 */
public final class V2RequestReader {
    private final Json json;
    private final TensorReader tensors = new TensorReader();
    private final long[] shape = new long[InputTensor.MAX_RANK];
    private byte[] body;
    private int bodyOffset;

    public V2RequestReader(Json json) {
        this.json = json;
    }

    /** Fills a request that was reset. */
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        body = bytes;
        bodyOffset = offset;
        try {
            json.read(bytes, offset, length, parser -> readBody(parser, request));
        } finally {
            body = null;
        }
        RequestRules.requireEveryInput(request);
    }

    private void readBody(JsonParser parser, InferenceRequest request) throws IOException, RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, "the request");
        boolean inputs = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "id" -> {
                    if (value != JsonToken.VALUE_NULL) {
                        Json.expect(parser, JsonToken.VALUE_STRING, "\"id\"");
                        request.setId(parser.getText());
                    }
                }
                case "inputs" -> {
                    Json.expect(parser, JsonToken.START_ARRAY, "\"inputs\"");
                    inputs = true;
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        readInput(parser, request);
                    }
                }
                case "outputs" -> readOutputs(parser, request);
                default -> parser.skipChildren();
            }
        }
        if (!inputs) {
            throw RequestException.bad("\"inputs\" is missing: expected an array of tensors");
        }
    }

    private void readInput(JsonParser parser, InferenceRequest request) throws IOException, RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, "an element of \"inputs\"");
        String name = null;
        String datatype = null;
        InputTensor tensor = null;
        int rank = -1;
        boolean read = false;
        long laterFrom = -1;
        long laterTo = -1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "name" -> {
                    Json.expect(parser, JsonToken.VALUE_STRING, "an input's \"name\"");
                    name = parser.getText();
                    tensor = RequestRules.begin(request, name);
                }
                case "datatype" -> {
                    Json.expect(parser, JsonToken.VALUE_STRING, "an input's \"datatype\"");
                    datatype = parser.getText();
                }
                case "shape" -> rank = readShape(parser);
                case "data" -> {
                    Json.expect(parser, JsonToken.START_ARRAY, "an input's \"data\"");
                    if (read || laterFrom >= 0) {
                        throw RequestException.bad("an input has \"data\" twice");
                    }
                    if (tensor == null) {
                        // The parser has read the bracket; its own idea of where a token began is off after a name.
                        laterFrom = parser.currentLocation().getByteOffset() - 1;
                        parser.skipChildren();
                        laterTo = parser.currentLocation().getByteOffset();
                    } else {
                        if (datatype != null) {
                            RequestRules.requireDatatype(tensor, datatype);
                        }
                        tensors.read(parser, tensor);
                        read = true;
                    }
                }
                default -> parser.skipChildren();
            }
        }
        if (tensor == null) {
            throw RequestException.bad("an input has no \"name\"");
        }
        RequestRules.requireDatatype(tensor, datatype);
        if (laterFrom >= 0) {
            readLater(laterFrom, laterTo, tensor);
        } else if (!read) {
            throw RequestException.bad("input \"" + name + "\" has no \"data\"");
        }
        if (rank < 0) {
            throw RequestException.bad("input \"" + name + "\" has no \"shape\": expected "
                    + tensor.info().shape());
        }
        finish(tensor, rank);
    }

    /** The parser's offsets count from where it began. */
    private void readLater(long from, long to, InputTensor tensor) throws IOException, RequestException {
        try (JsonParser parser = json.parser(body, bodyOffset + (int) from, (int) (to - from))) {
            parser.nextToken();
            tensors.read(parser, tensor);
        }
    }

    private int readShape(JsonParser parser) throws IOException, RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, "an input's \"shape\"");
        int rank = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || parser.getLongValue() < 0) {
                throw RequestException.bad("a dimension in \"shape\" must be a whole number, 0 or more, got "
                        + (parser.currentToken().isScalarValue()
                                ? parser.getText()
                                : Json.kind(parser.currentToken())));
            }
            if (rank == InputTensor.MAX_RANK) {
                throw RequestException.bad("a \"shape\" has more than " + InputTensor.MAX_RANK + " dimensions");
            }
            shape[rank++] = parser.getLongValue();
        }
        return rank;
    }

    private void finish(InputTensor tensor, int rank) throws RequestException {
        RequestRules.setShape(tensor, shape, rank, "data");
        boolean nested = tensors.rank() > 1;
        if (nested
                && !(tensors.rank() == rank && Arrays.equals(tensors.lengths(), 0, rank, shape, 0, rank))
                && tensor.count() > 0) {
            throw RequestException.bad("input \"" + tensor.info().name() + "\": \"data\" is nested as "
                    + Shapes.text(tensors.lengths(), tensors.rank()) + ", \"shape\" says " + Shapes.text(shape, rank));
        }
    }

    private static void readOutputs(JsonParser parser, InferenceRequest request) throws IOException, RequestException {
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
                if (field.equals("name")) {
                    Json.expect(parser, JsonToken.VALUE_STRING, "an output's \"name\"");
                    name = parser.getText();
                } else {
                    parser.skipChildren();
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
}
