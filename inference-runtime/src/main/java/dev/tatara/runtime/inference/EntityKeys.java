package dev.tatara.runtime.inference;

import java.util.BitSet;
import java.util.List;

/**
 * What a request brought of keys of entities, and which of the model's features it left to be looked up by them: these have
 * a place in the inputs already, with nothing in it. Part of an {@link InferenceRequest}, and reused with it.
 */
public final class EntityKeys {
    private final EntityLayout layout;
    private final InputTensor[] keys;
    private final BitSet left = new BitSet();

    EntityKeys(EntityLayout layout) {
        this.layout = layout;
        keys = new InputTensor[layout.keys().size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new InputTensor(layout.keys().get(i), true);
        }
    }

    public EntityLayout layout() {
        return layout;
    }

    /** Values of a key, one per row; none where the request didn't bring it. */
    public InputTensor key(int index) {
        return keys[index];
    }

    /** Whether the request brought any key. */
    public boolean isGiven() {
        for (InputTensor key : keys) {
            if (key.isGiven() || key.count() > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * How many rows the keys have values for.
     *
     * @return −1 where the request brought none
     * @throws RequestException if there are more of one key than of another
     */
    public int rows() throws RequestException {
        InputTensor first = null;
        for (InputTensor key : keys) {
            if (key.isGiven() || key.count() > 0) {
                if (first != null && first.count() != key.count()) {
                    throw RequestException.bad("entity key \"" + key.info().name() + "\" has " + key.count()
                            + " values, \"" + first.info().name() + "\" has " + first.count());
                }
                first = key;
            }
        }
        return first == null ? -1 : (int) first.count();
    }

    /** Leaves a feature of a row to be looked up. */
    public void leave(int row, int feature) {
        left.set(row * layout.size() + feature);
    }

    /**
     * Leaves a whole input of so many rows to be looked up, and makes room for it.
     *
     * @param tensor that was not given, of the model's input at this position, which is {@link EntityLayout#covers covered}
     */
    public void leaveInput(InputTensor tensor, int input, int rows) throws RequestException {
        List<Long> declared = tensor.info().shape();
        if (declared.getFirst() > 0 && declared.getFirst() != rows) {
            throw RequestException.bad("the model takes one row at a time, and there are entity keys of " + rows);
        }
        long[] shape = new long[declared.size()];
        int columns = layout.columns(input);
        shape[0] = rows;
        long perRow = 1;
        for (int i = 1; i < shape.length; i++) {
            shape[i] = declared.get(i) >= 0 ? declared.get(i) : columns;
            perRow *= shape[i];
        }
        tensor.addEmpty((int) (rows * perRow));
        tensor.setShape(shape, shape.length);
        tensor.setGiven();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                leave(row, layout.feature(input, column));
            }
        }
    }

    /** Whether a feature of a row is left to be looked up. */
    public boolean isLeft(int row, int feature) {
        return left.get(row * layout.size() + feature);
    }

    /**
     * Whether any of some features of a row is left to be looked up.
     *
     * @param from the first of them, {@code to} the one after the last
     */
    public boolean isAnyLeft(int row, int from, int to) {
        int first = left.nextSetBit(row * layout.size() + from);
        return first >= 0 && first < row * layout.size() + to;
    }

    /** Whether anything is left to be looked up. */
    public boolean isAnyLeft() {
        return !left.isEmpty();
    }

    /** One more than the last row that anything is left of. */
    public int leftRows() {
        return left.isEmpty() ? 0 : (left.length() - 1) / layout.size() + 1;
    }

    void reset() {
        left.clear();
        for (InputTensor key : keys) {
            key.reset();
        }
    }

    void free() {
        for (InputTensor key : keys) {
            key.free();
        }
    }
}
