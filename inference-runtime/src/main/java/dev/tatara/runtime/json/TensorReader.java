package dev.tatara.runtime.json;

import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import java.util.Arrays;

/**
 * Reads JSON numbers, booleans and strings, alone or in arrays nested as deep as the tensor has dimensions, straight into
 * an input's memory. Reused; tells the shape that the nesting spelled out.
 */
public final class TensorReader {
    private final long[] counts = new long[InputTensor.MAX_RANK + 1];
    private final long[] lengths = new long[InputTensor.MAX_RANK];
    private int rank;

    /** Number of nested arrays that were read, 0 for a value alone. */
    public int rank() {
        return rank;
    }

    /** Lengths of the arrays, outermost first. */
    public long length(int depth) {
        return lengths[depth];
    }

    /** The lengths as they are: entries from {@link #rank()} on mean nothing. */
    public long[] lengths() {
        return lengths;
    }

    /** Reads the value that the parser stands at and leaves it at its last token. */
    public void read(JsonReader parser, InputTensor tensor) throws RequestException {
        rank = 0;
        JsonToken token = parser.currentToken();
        if (token != JsonToken.START_ARRAY) {
            ElementReader.read(parser, token, tensor);
            return;
        }
        Arrays.fill(lengths, -1);
        int depth = 1;
        int leaves = -1;
        counts[1] = 0;
        rank = 1;
        while (depth > 0) {
            token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                counts[depth]++;
                depth++;
                if (depth > InputTensor.MAX_RANK) {
                    throw RequestException.bad("input \"" + tensor.info().name() + "\": arrays are nested deeper than "
                            + InputTensor.MAX_RANK);
                }
                rank = Math.max(rank, depth);
                counts[depth] = 0;
            } else if (token == JsonToken.END_ARRAY) {
                if (lengths[depth - 1] < 0) {
                    lengths[depth - 1] = counts[depth];
                } else if (lengths[depth - 1] != counts[depth]) {
                    throw RequestException.bad("input \"" + tensor.info().name() + "\": arrays of different lengths ("
                            + lengths[depth - 1] + " and " + counts[depth] + ") at the same depth");
                }
                depth--;
            } else {
                if (leaves < 0) {
                    leaves = depth;
                }
                if (leaves != depth) {
                    throw uneven(tensor);
                }
                ElementReader.read(parser, token, tensor);
                counts[depth]++;
                while (parser.nextNumber()) {
                    ElementReader.read(parser, parser.currentToken(), tensor);
                    counts[depth]++;
                }
            }
        }
        if (leaves >= 0 && leaves != rank) {
            throw uneven(tensor);
        }
    }

    private static RequestException uneven(InputTensor tensor) {
        return RequestException.bad(
                "input \"" + tensor.info().name() + "\": arrays and values are mixed at the same depth");
    }
}
