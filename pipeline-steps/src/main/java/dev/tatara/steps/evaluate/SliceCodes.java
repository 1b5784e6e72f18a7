package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;

/** Which slice each row is in, for one column. */
final class SliceCodes {
    static final int MOST = 100;
    private static final String MISSING = "(missing)";

    private final String column;
    private final List<String> values = new ArrayList<>();
    private final Map<String, Integer> codes = new HashMap<>();
    private int[] slices = new int[1024];
    private int rows;

    SliceCodes(String column) {
        this.column = column;
    }

    void add(Batch batch) throws StepFailure {
        var position = batch.position(column);
        for (int row = 0; row < batch.rows(); row++) {
            var text = batch.text(position, row);
            var value = text == null ? MISSING : text;
            var code = codes.get(value);
            if (code == null) {
                code = values.size();
                if (code == MOST) {
                    throw StepFailure.rejected(
                            Reasons.INVALID_DEFINITION,
                            "spec.evaluation: slice %s has more than %d values: divide the rows by a column of few values"
                                    .formatted(column, MOST));
                }
                codes.put(value, code);
                values.add(value);
            }
            slices = rows == slices.length ? Arrays.copyOf(slices, rows * 2) : slices;
            slices[rows++] = code;
        }
    }

    /** Something for each slice, in the order of their values. */
    <T> Map<String, T> forEach(BiFunction<Integer, IntPredicate, T> of) {
        var all = new LinkedHashMap<String, T>();
        new TreeMap<>(codes).forEach((value, code) -> {
            var size = 0;
            for (int row = 0; row < rows; row++) {
                size += slices[row] == code ? 1 : 0;
            }
            all.put(value, of.apply(size, row -> slices[row] == code));
        });
        return all;
    }
}
