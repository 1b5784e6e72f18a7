package dev.tatara.runtime.plain;

import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import dev.tatara.runtime.json.TensorReader;
import dev.tatara.runtime.model.ServedModel;

/**
 * Reads the bodies of {@code /predict} and {@code /predict/batch}: rows of features, as lists or by name, straight into
 * the inputs' memory. Reused, by one thread at a time.
 */
public final class FeatureReader {
    private final Json json;
    private final ServedModel model;
    private final TensorReader tensors = new TensorReader();
    private final RowShape[] rowShapes;
    private final FeatureColumns columns;
    private final FeatureNames names;
    private final EntityReader entities = new EntityReader();
    private EntityKeys keys;
    private String requestId;
    private int rows;
    private String where = "";

    public FeatureReader(Json json, ServedModel model) {
        this.json = json;
        this.model = model;
        rowShapes = model.inputs().stream().map(RowShape::new).toArray(RowShape[]::new);
        columns = FeatureColumns.of(model);
        names = new FeatureNames(model, columns);
    }

    /** The client's {@code request_id} in the last body, or null. */
    public String requestId() {
        return requestId;
    }

    /** Rows in the last body. */
    public int rows() {
        return rows;
    }

    /**
     * Reads {@code {"features": …, "request_id": …}}, or the features themselves. Where features are looked up, keys of
     * entities may stand among features by name, or in {@code "entities"} beside them.
     */
    public void readOne(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        start(request);
        json.read(bytes, offset, length, parser -> row(parser, request));
        finish(request);
    }

    /** Reads an array of what {@link #readOne} takes, or {@code {"features": [row, …]}}. */
    public void readBatch(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        start(request);
        json.read(bytes, offset, length, parser -> {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                batchObject(parser, request);
            } else {
                array(parser, request, "the batch");
            }
        });
        if (rows == 0) {
            throw RequestException.bad("the batch has no rows");
        }
        finish(request);
    }

    /**
     * Reads KServe V1: {@code {"instances": [row, …]}} or {@code {"inputs": [row, …]}}, where a row is what {@link #readOne}
     * takes, or {@code {"inputs": {name: [value of each row, …], …}}}, with keys of entities by name where features are
     * looked up.
     */
    public void readInstances(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        start(request);
        json.read(bytes, offset, length, parser -> instances(parser, request));
        if (rows == 0) {
            throw RequestException.bad("there are no instances: expected {\"instances\": [row, …]}");
        }
        finish(request);
    }

    private void instances(JsonReader parser, InferenceRequest request) throws RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, "the request");
        boolean found = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("instances") || field.equals("inputs")) {
                if (found) {
                    throw RequestException.bad("give either \"instances\" or \"inputs\", once");
                }
                found = true;
                if (value == JsonToken.START_OBJECT && field.equals("inputs")) {
                    byName(parser, request);
                } else {
                    array(parser, request, "\"" + field + "\"");
                }
            } else {
                parser.skipChildren();
            }
        }
        if (!found) {
            throw RequestException.bad("\"instances\" is missing: expected {\"instances\": [row, …]}");
        }
    }

    /** Whole inputs by name, all rows of each together; where features are looked up, also keys of entities. */
    private void byName(JsonReader parser, InferenceRequest request) throws RequestException {
        int most = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            int index = columns == null ? model.input(field) : -1;
            if (index >= 0) {
                most = Math.max(most, wholeInput(field, index, parser, request));
            } else if (isKey(field)) {
                most = Math.max(most, entities.readColumn(keys, field, parser));
            } else if (columns != null) {
                throw RequestException.bad("the columns of one input can't be given apart: send the rows as"
                        + " {\"instances\": [{name: value}, …]}");
            } else {
                throw names.unknown(where, field, keys);
            }
        }
        for (int i = 0; i < rowShapes.length; i++) {
            boolean looked = keys != null && rowShapes[i].rows() == 0;
            if (rowShapes[i].rows() != most && !looked) {
                throw RequestException.bad(
                        "input \"" + names.of(i) + "\" has " + rowShapes[i].rows() + " rows, another has " + most);
            }
        }
        while (rows < most) {
            where = "row " + rows + ": ";
            beginNamed();
            endNamed(request);
            rows++;
        }
        if (keys != null) {
            entities.requireOfEachRow(keys, rows);
        }
    }

    private int wholeInput(String field, int index, JsonReader parser, InferenceRequest request)
            throws RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, "\"" + field + "\"");
        if (rowShapes[index].rows() > 0) {
            throw RequestException.bad("input \"" + field + "\" is given twice");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            where = "row " + rowShapes[index].rows() + ": ";
            tensors.read(parser, request.input(index));
            rowShapes[index].add(tensors, where);
        }
        return rowShapes[index].rows();
    }

    private void start(InferenceRequest request) {
        keys = request.entityKeys();
        requestId = null;
        rows = 0;
        where = "";
        for (RowShape shape : rowShapes) {
            shape.reset();
        }
    }

    private void finish(InferenceRequest request) {
        for (int i = 0; i < rowShapes.length; i++) {
            rowShapes[i].apply(request.input(i), rows);
        }
    }

    private void batchObject(JsonReader parser, InferenceRequest request) throws RequestException {
        boolean found = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "features" -> {
                    requireNoRows();
                    array(parser, request, "\"features\"");
                    found = true;
                }
                case "entities" -> {
                    if (keys != null) {
                        entityRows(parser, request);
                        found = true;
                    } else {
                        parser.skipChildren();
                    }
                }
                case "request_id" -> requestId = Json.id(parser, "request_id");
                default -> parser.skipChildren();
            }
        }
        if (!found) {
            throw RequestException.bad("expected an array of rows, or an object with \"features\": [row, …]");
        }
    }

    private void array(JsonReader parser, InferenceRequest request, String what) throws RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, what);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            where = "row " + rows + ": ";
            row(parser, request);
        }
    }

    /** Rows of which there are keys of entities only. */
    private void entityRows(JsonReader parser, InferenceRequest request) throws RequestException {
        requireNoRows();
        Json.expect(parser, JsonToken.START_ARRAY, "\"entities\"");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            where = "row " + rows + ": ";
            entities.read(keys, rows, parser, where);
            beginNamed();
            endNamed(request);
            endRow();
        }
    }

    private void requireNoRows() throws RequestException {
        if (keys != null && rows > 0) {
            throw RequestException.bad("rows are given twice: put \"features\" and \"entities\" into each");
        }
    }

    private void row(JsonReader parser, InferenceRequest request) throws RequestException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            object(parser, request);
        } else {
            list(parser, request);
        }
        endRow();
    }

    private void endRow() throws RequestException {
        rows++;
        if (keys != null) {
            entities.requireOfEachRow(keys, rows);
        }
    }

    private boolean isKey(String name) {
        return keys != null && keys.layout().key(name) >= 0;
    }

    /** {@code {"features": …}} or features by name; which of the two may be clear only after the last field. */
    private void object(JsonReader parser, InferenceRequest request) throws RequestException {
        boolean wrapped = false;
        int named = 0;
        String unknown = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("features")) {
                if (wrapped || named > 0) {
                    throw RequestException.bad(where + "features are given twice");
                }
                wrapped = true;
                if (value == JsonToken.START_OBJECT) {
                    named(parser, request);
                } else {
                    list(parser, request);
                }
            } else if (isFeature(field) && !wrapped) {
                if (named++ == 0) {
                    beginNamed();
                }
                namedFeature(field, parser, request);
            } else if (keys != null && field.equals("entities")) {
                entities.read(keys, rows, parser, where);
            } else if (isKey(field)) {
                entities.read(keys, rows, field, parser, where);
            } else if (field.equals("request_id")) {
                requestId = Json.id(parser, "request_id");
            } else {
                unknown = unknown == null ? field : unknown;
                parser.skipChildren();
            }
        }
        if (!wrapped) {
            if (unknown != null) {
                throw names.unknown(where, unknown, keys);
            }
            if (named == 0) {
                beginNamed();
            }
            endNamed(request);
        }
    }

    private void named(JsonReader parser, InferenceRequest request) throws RequestException {
        beginNamed();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (isFeature(field)) {
                namedFeature(field, parser, request);
            } else if (isKey(field)) {
                entities.read(keys, rows, field, parser, where);
            } else {
                throw names.unknown(where, field, keys);
            }
        }
        endNamed(request);
    }

    private boolean isFeature(String name) {
        return columns == null ? model.input(name) >= 0 : columns.has(name);
    }

    private void namedFeature(String name, JsonReader parser, InferenceRequest request) throws RequestException {
        if (columns == null) {
            feature(parser, request, model.input(name));
        } else {
            columns.read(name, parser, tensors, request.input(0), where);
        }
    }

    private void beginNamed() {
        if (columns != null) {
            columns.begin();
        }
    }

    private void endNamed(InferenceRequest request) throws RequestException {
        if (columns == null) {
            requireAll(request);
        } else {
            columns.end(request.input(0), keys, rows, where);
            rowShapes[0].addFlat(columns.count(), where);
        }
    }

    private void feature(JsonReader parser, InferenceRequest request, int index) throws RequestException {
        if (rowShapes[index].rows() > rows) {
            throw names.givenTwice(where, index);
        }
        InputTensor tensor = request.input(index);
        tensors.read(parser, tensor);
        rowShapes[index].add(tensors, where);
    }

    private void list(JsonReader parser, InferenceRequest request) throws RequestException {
        if (rowShapes.length == 1) {
            feature(parser, request, 0);
            return;
        }
        Json.expect(parser, JsonToken.START_ARRAY, where + "\"features\"");
        int given = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (given == rowShapes.length) {
                throw names.wrongCount(where, "more");
            }
            feature(parser, request, given++);
        }
        if (given < rowShapes.length) {
            throw names.wrongCount(where, String.valueOf(given));
        }
    }

    private void requireAll(InferenceRequest request) throws RequestException {
        for (int i = 0; i < rowShapes.length; i++) {
            if (rowShapes[i].rows() > rows) {
                continue;
            }
            if (keys != null && keys.layout().covers(i)) {
                keys.leave(rows, keys.layout().feature(i, 0));
                rowShapes[i].addEmpty(request.input(i), where);
            } else {
                throw names.missing(where, i);
            }
        }
    }
}
