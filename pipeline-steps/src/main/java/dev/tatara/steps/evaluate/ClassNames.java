package dev.tatara.steps.evaluate;

import dev.tatara.onnx.Datatype;
import dev.tatara.statistics.metrics.ConfusionMatrix;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** One name for each class, whatever the data and the model call it. */
final class ClassNames {
    private final Set<String> labels;
    private final List<String> given;
    private final boolean truthAsDigits;
    private final boolean digitsAsTruth;
    private final boolean positionsAsNames;

    /**
     * @param labels what the label column holds
     * @param truth whether that column holds true and false
     * @param given names of the classes in the order of the model's probabilities; may be empty
     * @param labelType what the model's labels are; null where it gives none
     */
    ClassNames(Set<String> labels, boolean truth, List<String> given, Datatype labelType) {
        this.given = given;
        truthAsDigits = truth && labelType != Datatype.BOOL && labelType != Datatype.BYTES;
        digitsAsTruth = !truth && labelType == Datatype.BOOL && Set.of("0", "1").containsAll(labels);
        this.labels = labels.stream().map(this::ofData).collect(java.util.stream.Collectors.toUnmodifiableSet());
        positionsAsNames = labelType != Datatype.BYTES && this.labels.stream().anyMatch(given::contains);
    }

    /** The class of a label in the data. */
    String ofData(String label) {
        if (truthAsDigits) {
            return label.equals("true") ? "1" : label.equals("false") ? "0" : label;
        }
        if (digitsAsTruth) {
            return label.equals("1") ? "true" : "false";
        }
        return label;
    }

    /** The class of a label that the model gave. */
    String ofAnswer(String label) {
        if (!positionsAsNames || given.contains(label) || !label.matches("\\d{1,4}")) {
            return label;
        }
        var position = Integer.parseInt(label);
        return position < given.size() ? given.get(position) : label;
    }

    /** Classes of the data. */
    Set<String> labels() {
        return labels;
    }

    /**
     * The classes that a row's scores belong to.
     *
     * @param named by the model itself; may be empty
     * @param width scores of a row
     * @return empty where that can't be told
     */
    List<String> ofScores(List<String> named, int width) {
        if (named.size() == width) {
            return named.stream().map(this::ofAnswer).toList();
        }
        if (given.size() == width && positionsAsNames) {
            return given;
        }
        if (labels.size() == width) {
            return labels.stream().sorted(ConfusionMatrix.order(labels)).toList();
        }
        var positions = IntStream.range(0, width).mapToObj(String::valueOf).toList();
        return positions.containsAll(labels) ? positions : List.of();
    }
}
