package dev.tatara.runtime.plain;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import dev.tatara.runtime.json.TensorReader;
import java.util.List;

/** What shape one row of an input has, and that all rows of a body have the same. */
final class RowShape {
    private final ValueInfo info;
    private final boolean batched;
    private final List<Long> declared;
    private final long[] shape = new long[InputTensor.MAX_RANK];
    private int rows;

    RowShape(ValueInfo info) {
        this.info = info;
        // A first dimension that is dynamic, or fixed to one, counts rows; any other belongs to the row.
        batched = !info.shape().isEmpty()
                && info.shape().getFirst() <= 1
                && info.shape().getFirst() != 0;
        declared = batched ? info.shape().subList(1, info.shape().size()) : info.shape();
    }

    void reset() {
        rows = 0;
    }

    int rows() {
        return rows;
    }

    /** Takes the next row's shape as its nesting spelled it. */
    void add(TensorReader read, String where) throws RequestException {
        if (!batched && rows > 0) {
            throw RequestException.bad(
                    "the model takes one row at a time: \"" + info.name() + "\" has the fixed shape " + info.shape());
        }
        int rank = declared.size();
        long[] given = read.lengths();
        int from = 0;
        int givenRank = read.rank();
        if (givenRank == rank + 1 && given[0] == 1) {
            // [[1, 2, 3]] for [1, 2, 3]
            from = 1;
            givenRank = rank;
        } else if (givenRank == rank + 1 && batched) {
            throw RequestException.bad(where + "feature \"" + info.name() + "\": " + given[0]
                    + " rows where one is expected: send several to /predict/batch");
        }
        long count = 1;
        for (int i = 0; i < read.rank(); i++) {
            count *= given[i];
        }
        for (int i = 0; i < rank; i++) {
            long size = givenRank == rank ? given[from + i] : Math.abs(declared.get(i));
            if (rows == 0) {
                shape[i] = size;
            } else if (shape[i] != size) {
                throw mismatch(read, where);
            }
        }
        // A value alone stands for a row of one value, a flat list for a row of more dimensions.
        if (!Shapes.matches(declared, shape, rank) || Shapes.elements(shape, rank) != count) {
            throw mismatch(read, where);
        }
        rows++;
    }

    /** Takes a row of so many values, known to be as many as the input's last dimension has. */
    void addFlat(int values, String where) throws RequestException {
        if (!batched && rows > 0) {
            throw RequestException.bad(
                    "the model takes one row at a time: \"" + info.name() + "\" has the fixed shape " + info.shape());
        }
        if (rows > 0 && shape[0] != values) {
            throw RequestException.bad(where + "expected " + shape[0] + " values, got " + values);
        }
        shape[0] = values;
        rows++;
    }

    /** Takes a row that is to be looked up, and makes room for it. */
    void addEmpty(InputTensor tensor, String where) throws RequestException {
        if (!batched && rows > 0) {
            throw RequestException.bad(
                    "the model takes one row at a time: \"" + info.name() + "\" has the fixed shape " + info.shape());
        }
        int count = 1;
        for (int i = 0; i < declared.size(); i++) {
            long size = Math.abs(declared.get(i));
            if (rows > 0 && shape[i] != size) {
                throw RequestException.bad(where + "feature \"" + info.name() + "\" is looked up and has another shape"
                        + " than other rows brought");
            }
            shape[i] = size;
            count *= (int) size;
        }
        tensor.addEmpty(count);
        rows++;
    }

    private RequestException mismatch(TensorReader read, String where) {
        String got =
                read.rank() == 1 ? read.length(0) + " values" : "shape " + Shapes.text(read.lengths(), read.rank());
        String expected = declared.size() == 1 && declared.getFirst() >= 0
                ? declared.getFirst() + " values"
                : "shape " + declared;
        return RequestException.bad(where + "feature \"" + info.name() + "\": expected " + expected + ", got "
                + (read.rank() == 0 ? "one value" : got));
    }

    /** Gives the input the shape of all rows together. */
    void apply(InputTensor tensor, int total) {
        long[] whole = new long[InputTensor.MAX_RANK];
        int rank = 0;
        if (batched) {
            whole[rank++] = total;
        }
        for (int i = 0; i < declared.size(); i++) {
            whole[rank++] = shape[i];
        }
        tensor.setShape(whole, rank);
    }
}
