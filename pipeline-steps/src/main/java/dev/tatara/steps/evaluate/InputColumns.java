package dev.tatara.steps.evaluate;

import com.google.errorprone.annotations.FormatMethod;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.steps.StepFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which columns of the data feed which input of the model. An input with the name of a column takes that column; one
 * other input takes the columns that remain, in their order.
 *
 * @param inputs columns by position of the input
 */
record InputColumns(List<List<TestColumn>> inputs) {
    private static final int SHOWN = 30;

    InputColumns {
        inputs = inputs.stream().map(List::copyOf).toList();
    }

    /** All columns that are fed, each once, in the order of the inputs. */
    List<TestColumn> all() {
        return inputs.stream().flatMap(List::stream).distinct().toList();
    }

    /**
     * Finds the columns.
     *
     * @param inputs the model's
     * @param attempts columns that may be features, in their order; the first of these lists that fits is taken
     * @throws StepFailure with reason ColumnsMismatch, if none fits
     */
    static InputColumns of(List<ValueInfo> inputs, List<List<TestColumn>> attempts) throws StepFailure {
        String why = "the test data has no column that could be a feature";
        for (var candidates : attempts) {
            var attempt = new Attempt(inputs, candidates);
            var found = attempt.match();
            if (found.isPresent()) {
                return found.get();
            }
            why = attempt.why;
        }
        throw StepFailure.rejected(Reasons.COLUMNS_MISMATCH, why);
    }

    /** Values of a row in an input; −1 where that isn't declared. */
    static int width(ValueInfo input) {
        long width = 1;
        for (var size : input.shape().stream().skip(1).toList()) {
            if (size < 0) {
                return -1;
            }
            width *= size;
        }
        return (int) Math.min(width, Integer.MAX_VALUE);
    }

    private static final class Attempt {
        private final List<ValueInfo> inputs;
        private final List<TestColumn> candidates;
        private String why = "";

        Attempt(List<ValueInfo> inputs, List<TestColumn> candidates) {
            this.inputs = inputs;
            this.candidates = candidates;
        }

        Optional<InputColumns> match() {
            var found = new ArrayList<List<TestColumn>>();
            var named = new ArrayList<TestColumn>();
            ValueInfo rest = null;
            for (var input : inputs) {
                var column = candidates.stream()
                        .filter(any -> any.name().equals(input.name()))
                        .findFirst()
                        .filter(any -> Math.abs(width(input)) == 1);
                if (column.isPresent()) {
                    if (!fits(input, column.get())) {
                        return no(
                                "column %s is %s, the model's input of that name takes %s; train on the type that the data has, or convert the column before",
                                column.get().name(), column.get().type(), input.datatype());
                    }
                    named.add(column.get());
                    found.add(List.of(column.get()));
                } else if (rest == null) {
                    rest = input;
                    found.add(null);
                } else {
                    return no(
                            "the model's inputs %s and %s aren't columns of the data, which has %s; name inputs like columns, or give the model one input for all features",
                            rest.name(), input.name(), shown(candidates));
                }
            }
            if (rest != null) {
                var remaining = remaining(rest, named);
                if (remaining.isEmpty()) {
                    return Optional.empty();
                }
                found.set(found.indexOf(null), remaining);
            }
            return Optional.of(new InputColumns(found));
        }

        /** The columns of the input that has the name of none; empty with the reason where they don't fit. */
        private List<TestColumn> remaining(ValueInfo input, List<TestColumn> named) {
            var remaining = candidates.stream()
                    .filter(column -> !named.contains(column))
                    .filter(column -> fits(input, column))
                    .toList();
            var width = width(input);
            if (remaining.isEmpty() || (width >= 0 && width != remaining.size())) {
                no(
                        "the model's input %s takes %s values of %s for a row, the data has %d columns that could be these: %s. Leave out what isn't a feature with --not-features, or name the features in the model's order with --features (in a TrainingJob: features of spec.dataset.featureViews); if features are missing, train on the same data again",
                        input.name(), width, input.datatype(), remaining.size(), shown(remaining));
                return List.of();
            }
            return remaining;
        }

        private static boolean fits(ValueInfo input, TestColumn column) {
            return input.datatype() == Datatype.BYTES ? column.isText() : column.isNumeric();
        }

        @FormatMethod
        private Optional<InputColumns> no(String format, Object... arguments) {
            why = format.formatted(arguments);
            return Optional.empty();
        }

        private static String shown(List<TestColumn> columns) {
            return columns.isEmpty()
                    ? "none"
                    : columns.stream().limit(SHOWN).map(TestColumn::name).collect(Collectors.joining(", "))
                            + (columns.size() > SHOWN ? ", …" : "");
        }
    }
}
