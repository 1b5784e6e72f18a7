package dev.tatara.runtime.model;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import java.util.List;

/**
 * What people call a model's classes, in the order of its probabilities; how predictions are told by name wherever they
 * are told.
 *
 * @param names empty if nobody named them
 */
public record ClassNames(List<String> names) {
    public ClassNames {
        names = List.copyOf(names);
    }

    /**
     * The name of a row's label.
     *
     * @param labels one per row
     * @param perRow the classes' probabilities, or null if the model gives none
     * @param rows that there are
     * @return null if it has none: it is a string, or no position, or the names aren't those of these classes
     */
    public String of(OnnxValue labels, int row, OnnxValue perRow, int rows) {
        if (names.isEmpty() || !(labels instanceof Numbers numbers) || row >= numbers.size()) {
            return null;
        }
        int position = position(numbers.asLong(row), row, perRow, rows);
        return position < 0 ? null : names.get(position);
    }

    private int position(long label, int row, OnnxValue perRow, int rows) {
        return switch (perRow) {
            case Numbers probabilities when !fit(probabilities.size() / rows) -> -1;
            case Sequence sequence
            when row < sequence.elements().size()
                    && sequence.elements().get(row) instanceof Mapping(Numbers keys, OnnxValue values) ->
                fit(keys.size()) ? position(keys, label) : -1;
            case null, default -> label >= 0 && label < names.size() ? (int) label : -1;
        };
    }

    private static int position(Numbers keys, long label) {
        for (int i = 0; i < keys.size(); i++) {
            if (keys.asLong(i) == label) {
                return i;
            }
        }
        return -1;
    }

    /** Whether so many probabilities are those of the classes that have names. */
    public boolean fit(long probabilities) {
        return probabilities > 0 && probabilities == names.size();
    }

    /** Whether a class is called so. */
    public boolean has(String name) {
        return names.contains(name);
    }
}
