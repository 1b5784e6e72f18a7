package dev.tatara.runtime.plain;

import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import dev.tatara.runtime.json.TensorReader;

/** Reads the keys of entities of rows of plain JSON. Reused, by one thread at a time. */
final class EntityReader {
    private final TensorReader tensors = new TensorReader();

    /** Reads {@code {"user_id": 7, …}}. */
    void read(EntityKeys keys, int row, JsonReader parser, String where) throws RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, where + "\"entities\"");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (keys.layout().key(field) < 0) {
                throw RequestException.bad(where + "unknown entity key \"" + field + "\": expected "
                        + keys.layout().names());
            }
            read(keys, row, field, parser, where);
        }
    }

    /** Reads the value of one key. */
    void read(EntityKeys keys, int row, String name, JsonReader parser, String where) throws RequestException {
        InputTensor key = keys.key(keys.layout().key(name));
        if (key.count() > row) {
            throw RequestException.bad(where + "entity key \"" + name + "\" is given twice");
        }
        if (key.count() < row) {
            throw notOfEach(key, key.count());
        }
        tensors.read(parser, key);
        if (tensors.rank() != 0) {
            throw RequestException.bad(where + "entity key \"" + name + "\" must be one value, got an array");
        }
    }

    /**
     * Reads {@code [7, 8, …]}, the values of one key in all rows.
     *
     * @return how many there are
     */
    int readColumn(EntityKeys keys, String name, JsonReader parser) throws RequestException {
        Json.expect(parser, JsonToken.START_ARRAY, "\"" + name + "\"");
        int rows = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            read(keys, rows, name, parser, "row " + rows + ": ");
            rows++;
        }
        return rows;
    }

    /** Refuses a row without a key that other rows have. */
    void requireOfEachRow(EntityKeys keys, int rows) throws RequestException {
        for (int i = 0; i < keys.layout().keys().size(); i++) {
            InputTensor key = keys.key(i);
            if (key.count() > 0 && key.count() != rows) {
                throw notOfEach(key, rows - 1);
            }
        }
    }

    private static RequestException notOfEach(InputTensor key, long row) {
        return RequestException.bad(
                "row " + row + ": entity key \"" + key.info().name() + "\" is missing, which other rows have");
    }
}
