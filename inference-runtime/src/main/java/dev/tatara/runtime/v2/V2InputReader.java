package dev.tatara.runtime.v2;

import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import dev.tatara.runtime.json.TensorReader;
import java.util.Arrays;

/** Reads one element of {@code inputs}, its data from JSON or from what follows the JSON. */
final class V2InputReader {
    private final Json json;
    private final TensorReader tensors = new TensorReader();
    private final long[] shape = new long[InputTensor.MAX_RANK];
    private byte[] body;
    private int binaryFrom;
    private int end;

    private String name;
    private String datatype;
    private InputTensor tensor;
    private int rank;
    private boolean read;
    private int laterFrom;
    private int laterTo;
    private long binarySize;

    V2InputReader(Json json) {
        this.json = json;
    }

    /**
     * Begins a body.
     *
     * @param binary where the JSON ends and binary data begins, {@code to} where there is none
     */
    void begin(byte[] bytes, int binary, int to) {
        body = bytes;
        binaryFrom = binary;
        end = to;
    }

    /** Ends a body, which must have been used up. */
    void end() throws RequestException {
        if (binaryFrom != end) {
            throw RequestException.bad("the body has " + (end - binaryFrom)
                    + " bytes more than its JSON and the \"binary_data_size\" of its inputs say");
        }
    }

    /** Lets go of the body. */
    void forget() {
        body = null;
        tensor = null;
    }

    void read(JsonReader parser, InferenceRequest request) throws RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, "an element of \"inputs\"");
        name = null;
        datatype = null;
        tensor = null;
        rank = -1;
        read = false;
        laterFrom = -1;
        binarySize = -1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            field(field, parser, request);
        }
        if (tensor == null) {
            throw RequestException.bad("an input has no \"name\"");
        }
        RequestRules.requireDatatype(tensor, datatype);
        if (rank < 0) {
            throw RequestException.bad("input \"" + name + "\" has no \"shape\": expected "
                    + tensor.info().shape());
        }
        if (binarySize >= 0) {
            readBinary();
        } else if (laterFrom >= 0) {
            readLater();
            finish();
        } else if (read) {
            finish();
        } else {
            throw RequestException.bad("input \"" + name + "\" has no \"data\"");
        }
    }

    private void field(String field, JsonReader parser, InferenceRequest request) throws RequestException {
        switch (field) {
            case "name" -> {
                Json.expect(parser, JsonToken.VALUE_STRING, "an input's \"name\"");
                if (name != null) {
                    throw RequestException.bad("an input has \"name\" twice");
                }
                name = parser.text();
                tensor = RequestRules.begin(request, name);
            }
            case "datatype" -> {
                Json.expect(parser, JsonToken.VALUE_STRING, "an input's \"datatype\"");
                datatype = parser.text();
            }
            case "shape" -> rank = readShape(parser);
            case "data" -> data(parser);
            case "parameters" -> parameters(parser);
            default -> parser.skipChildren();
        }
    }

    private void data(JsonReader parser) throws RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, "an input's \"data\"");
        if (read || laterFrom >= 0) {
            throw RequestException.bad("an input has \"data\" twice");
        }
        if (tensor == null) {
            laterFrom = parser.position() - 1;
            parser.skipChildren();
            laterTo = parser.position();
        } else {
            if (datatype != null) {
                RequestRules.requireDatatype(tensor, datatype);
            }
            tensors.read(parser, tensor);
            read = true;
        }
    }

    private void parameters(JsonReader parser) throws RequestException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Json.expect(parser, JsonToken.START_OBJECT, "an input's \"parameters\"");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String parameter = parser.currentName();
            parser.nextToken();
            switch (parameter) {
                case "binary_data_size" -> binarySize = size(parser);
                case "shared_memory_region" ->
                    throw RequestException.bad("an input is in shared memory (\"shared_memory_region\"), which this"
                            + " server does not share with its clients: send its data");
                default -> parser.skipChildren();
            }
        }
    }

    private static long size(JsonReader parser) throws RequestException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || !parser.isLong() || parser.longValue() < 0) {
            throw RequestException.bad("\"binary_data_size\" must be a whole number of bytes, got "
                    + (parser.currentToken().isScalarValue()
                            ? Json.shown(parser.text())
                            : Json.kind(parser.currentToken())));
        }
        return parser.longValue();
    }

    private void readBinary() throws RequestException {
        if (read || laterFrom >= 0) {
            throw RequestException.bad("input \"" + name + "\" has both \"data\" and \"binary_data_size\"");
        }
        if (binarySize > end - binaryFrom) {
            throw RequestException.bad("input \"" + name + "\": \"binary_data_size\" is " + binarySize + ", but "
                    + (end - binaryFrom) + " bytes are left in the body after the JSON"
                    + (binaryFrom == end ? " (the header Inference-Header-Content-Length says where that ends)" : ""));
        }
        RawTensor.read(tensor, shape, rank, body, binaryFrom, (int) binarySize, "binary_data_size");
        binaryFrom += (int) binarySize;
    }

    private void readLater() throws RequestException {
        JsonReader data = json.second();
        data.begin(body, laterFrom, laterTo - laterFrom);
        data.nextToken();
        tensors.read(data, tensor);
        data.finish();
    }

    private int readShape(JsonReader parser) throws RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, "an input's \"shape\"");
        int dimensions = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || !parser.isLong() || parser.longValue() < 0) {
                throw RequestException.bad("a dimension in \"shape\" must be a whole number, 0 or more, got "
                        + (parser.currentToken().isScalarValue()
                                ? Json.shown(parser.text())
                                : Json.kind(parser.currentToken())));
            }
            if (dimensions == InputTensor.MAX_RANK) {
                throw RequestException.bad("a \"shape\" has more than " + InputTensor.MAX_RANK + " dimensions");
            }
            shape[dimensions++] = parser.longValue();
        }
        return dimensions;
    }

    private void finish() throws RequestException {
        RequestRules.setShape(tensor, shape, rank, "data");
        boolean nested = tensors.rank() > 1;
        if (nested
                && !(tensors.rank() == rank && Arrays.equals(tensors.lengths(), 0, rank, shape, 0, rank))
                && tensor.count() > 0) {
            throw RequestException.bad("input \"" + name + "\": \"data\" is nested as "
                    + Shapes.text(tensors.lengths(), tensors.rank()) + ", \"shape\" says " + Shapes.text(shape, rank));
        }
    }
}
