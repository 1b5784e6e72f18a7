package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.steps.StepFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes labels and numbers out of a model's outputs, by the roles that serving finds for them. */
final class AnswerReader {
    private final int[] outputs;
    private final boolean labelled;
    private final boolean numbered;
    private final String labelOutput;
    private final String numberOutput;
    private final Datatype labelType;

    private AnswerReader(List<ValueInfo> infos, int label, int numbers) {
        labelled = label >= 0;
        numbered = numbers >= 0;
        outputs = labelled && numbered ? new int[] {label, numbers} : new int[] {labelled ? label : numbers};
        labelOutput = labelled ? infos.get(label).name() : null;
        numberOutput = numbered ? infos.get(numbers).name() : null;
        labelType = labelled ? infos.get(label).datatype() : null;
    }

    /** What a model's outputs look like a task for; nothing is known of a lone number. */
    static Task taskOf(List<ValueInfo> outputs) {
        var roles = OutputRoles.of(outputs);
        if (roles.label() >= 0) {
            return Task.Classification;
        }
        if (roles.value() >= 0) {
            var shape = outputs.get(roles.value()).shape();
            return shape.size() == 2 && shape.getLast() > 1 ? Task.Classification : Task.Other;
        }
        return Task.Other;
    }

    static AnswerReader of(List<ValueInfo> outputs, Task task) throws StepFailure {
        var roles = OutputRoles.of(outputs);
        if (task == Task.Classification && roles.label() >= 0) {
            return new AnswerReader(outputs, roles.label(), roles.probabilities());
        }
        var value = roles.label() >= 0 ? roles.label() : roles.value();
        if (value < 0 || !outputs.get(value).datatype().isFixedSize()) {
            throw StepFailure.rejected(
                    Reasons.UNSUPPORTED_MODEL,
                    "none of the model's outputs %s is a tensor of numbers or labels; export it with one"
                            .formatted(outputs.stream()
                                    .map(output -> output.name() + " " + output.datatype())
                                    .toList()));
        }
        return new AnswerReader(outputs, -1, value);
    }

    /** Positions of the outputs that are read. */
    int[] outputs() {
        return outputs.clone();
    }

    boolean isLabelled() {
        return labelled;
    }

    /** Type of the labels; null without any. */
    Datatype labelType() {
        return labelType;
    }

    /** The output with the labels; null without one. */
    String labelOutput() {
        return labelOutput;
    }

    /** The output with the numbers; null without one. */
    String numberOutput() {
        return numberOutput;
    }

    /**
     * Reads the outputs of a run.
     *
     * @param rows rows that were asked
     * @param fed rows that were fed, those that fill up a fixed batch included
     */
    Answers read(OnnxCall call, int rows, int fed) throws StepFailure {
        var labels = labelled ? labels(call.output(0), rows, fed) : null;
        if (!numbered) {
            return new Answers(rows, labels, null, 0, List.of());
        }
        var output = call.output(labelled ? 1 : 0);
        return switch (output) {
            case Numbers numbers -> {
                var width = (int) (numbers.size() / fed);
                if (width == 0 || numbers.size() % fed != 0) {
                    throw wrongCount(numberOutput, numbers.size(), fed);
                }
                var taken = new double[rows * width];
                for (int i = 0; i < taken.length; i++) {
                    taken[i] = numbers.asDouble(i);
                }
                yield new Answers(rows, labels, taken, width, List.of());
            }
            case Sequence sequence -> maps(sequence, labels, rows, fed);
            case Strings strings ->
                throw wrongCount(numberOutput, strings.elements().size(), fed);
            case Mapping mapping -> throw wrongCount(numberOutput, 1, fed);
        };
    }

    private String[] labels(OnnxValue output, int rows, int fed) throws StepFailure {
        var labels = new String[rows];
        switch (output) {
            case Numbers numbers
            when numbers.size() == fed -> {
                for (int i = 0; i < rows; i++) {
                    labels[i] = label(numbers, i);
                }
            }
            case Strings strings
            when strings.elements().size() == fed -> {
                for (int i = 0; i < rows; i++) {
                    labels[i] = new String(strings.elements().get(i), StandardCharsets.UTF_8);
                }
            }
            case Numbers numbers -> throw wrongCount(labelOutput, numbers.size(), fed);
            case Strings strings ->
                throw wrongCount(labelOutput, strings.elements().size(), fed);
            case Sequence sequence ->
                throw wrongCount(labelOutput, sequence.elements().size(), fed);
            case Mapping mapping -> throw wrongCount(labelOutput, 1, fed);
        }
        return labels;
    }

    private static String label(Numbers numbers, long index) {
        var value = numbers.asLong(index);
        return switch (numbers.datatype()) {
            case BOOL -> value != 0 ? "true" : "false";
            case UINT64 -> Long.toUnsignedString(value);
            default -> Long.toString(value);
        };
    }

    /** scikit-learn's zipmap: a map from classes to probabilities for each row. */
    private Answers maps(Sequence sequence, String[] labels, int rows, int fed) throws StepFailure {
        if (sequence.elements().size() != fed) {
            throw wrongCount(numberOutput, sequence.elements().size(), fed);
        }
        List<String> classes = List.of();
        double[] taken = null;
        for (int row = 0; row < rows; row++) {
            if (!(sequence.elements().get(row) instanceof Mapping(OnnxValue keys, Numbers values))) {
                throw wrongCount(numberOutput, sequence.elements().size(), fed);
            }
            if (taken == null) {
                classes = keys(keys);
                taken = new double[rows * classes.size()];
            }
            for (int i = 0; i < classes.size(); i++) {
                taken[row * classes.size() + i] = values.asDouble(i);
            }
        }
        return new Answers(rows, labels, taken, classes.size(), classes);
    }

    private static List<String> keys(OnnxValue keys) {
        var classes = new ArrayList<String>();
        if (keys instanceof Numbers numbers) {
            for (long i = 0; i < numbers.size(); i++) {
                classes.add(label(numbers, i));
            }
        } else if (keys instanceof Strings strings) {
            strings.elements().forEach(text -> classes.add(new String(text, StandardCharsets.UTF_8)));
        }
        return classes;
    }

    private static StepFailure wrongCount(String output, long found, int rows) {
        return StepFailure.rejected(
                Reasons.UNSUPPORTED_MODEL,
                "the model's output %s has %d values for %d rows; export it so that each row has its own answer"
                        .formatted(output, found, rows));
    }

    /** Answers to parts of a batch as answers to the whole. */
    static Answers together(List<Answers> parts) {
        var first = parts.getFirst();
        var rows = parts.stream().mapToInt(Answers::rows).sum();
        var labels = first.labels() == null ? null : new String[rows];
        var numbers = first.numbers() == null ? null : new double[rows * first.width()];
        int at = 0;
        for (var part : parts) {
            if (labels != null) {
                System.arraycopy(part.labels(), 0, labels, at, part.rows());
            }
            if (numbers != null) {
                System.arraycopy(part.numbers(), 0, numbers, at * first.width(), part.numbers().length);
            }
            at += part.rows();
        }
        return new Answers(rows, labels, numbers, first.width(), first.classes());
    }
}
