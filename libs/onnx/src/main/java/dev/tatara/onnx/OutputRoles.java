package dev.tatara.onnx;

import java.util.List;

/**
 * Which output of a model answers what, told from types and shapes: classifiers exported from scikit-learn give a label
 * (integer or string) and probabilities (a matrix, or with zipmap a sequence of maps).
 *
 * @param label position of the output with one class per row, −1 if there is none
 * @param probabilities position of the output with one probability per class and row, −1 if there is none
 * @param value position of the output that is the answer where there is no label, −1 if there is none
 */
public record OutputRoles(int label, int probabilities, int value) {

    /** Finds the roles of a model's outputs. */
    public static OutputRoles of(List<ValueInfo> outputs) {
        int label = first(outputs, OutputRoles::isLabel);
        int value = first(outputs, output -> output.datatype().isTensor());
        int probabilities = label < 0 ? -1 : first(outputs, OutputRoles::isPerClass);
        return new OutputRoles(label, probabilities, label < 0 ? value : -1);
    }

    private interface Condition {
        boolean holds(ValueInfo output);
    }

    private static int first(List<ValueInfo> outputs, Condition condition) {
        for (int i = 0; i < outputs.size(); i++) {
            if (condition.holds(outputs.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isLabel(ValueInfo output) {
        boolean onePerRow = output.shape().size() == 1
                || (output.shape().size() == 2 && output.shape().getLast() == 1);
        return onePerRow
                && switch (output.datatype()) {
                    case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, BYTES -> true;
                    case FP16, BF16, FP32, FP64, SEQUENCE, MAP, OTHER -> false;
                };
    }

    private static boolean isPerClass(ValueInfo output) {
        return output.datatype() == Datatype.SEQUENCE
                || (output.shape().size() == 2
                        && switch (output.datatype()) {
                            case FP16, BF16, FP32, FP64 -> true;
                            case INT8,
                                    INT16,
                                    INT32,
                                    INT64,
                                    UINT8,
                                    UINT16,
                                    UINT32,
                                    UINT64,
                                    BOOL,
                                    BYTES,
                                    SEQUENCE,
                                    MAP,
                                    OTHER -> false;
                        });
    }
}
