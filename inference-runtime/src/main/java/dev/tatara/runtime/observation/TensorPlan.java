package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.statistics.Pane.Role;
import java.util.ArrayList;
import java.util.List;

/** How one input or output of the model becomes columns. Shared by all threads; what is learnt is learnt once. */
final class TensorPlan {
    /** Elements of a row that are taken where columns mean nothing. */
    static final int MOST_OF_A_ROW = 64;

    private final Role role;
    private final String name;
    private final Datatype datatype;
    private final Mode mode;
    private final int maxColumns;
    private final List<String> givenNames;
    private volatile Columns columns;

    enum Mode {
        /** Numbers, a sketch per column. */
        NUMBERS,
        /** Numbers that share a sketch: pictures, tokens, whatever has too many columns or rows of different length. */
        TOGETHER,
        /** Whole numbers that are classes. */
        CLASSES,
        /** Strings, as categories. */
        TEXTS,
        /** A map from classes to probabilities for each row, as scikit-learn's zipmap gives. */
        MAPS
    }

    /**
     * What a row has.
     *
     * @param together whether all elements share one column
     */
    record Columns(int width, boolean together, List<String> names) {}

    private TensorPlan(Role role, ValueInfo info, Mode mode, int width, int maxColumns, List<String> givenNames) {
        this.role = role;
        this.name = info.name();
        this.datatype = info.datatype();
        this.mode = mode;
        this.maxColumns = maxColumns;
        this.givenNames = givenNames;
        if (width > 0) {
            learn(width, List.of());
        } else if (width < 0) {
            columns = new Columns(0, true, List.of(name));
        }
    }

    static TensorPlan ofInput(ValueInfo info, int maxColumns, List<String> names) {
        int width = width(info);
        if (width < 0 && !names.isEmpty() && info.shape().size() == 2) {
            // Not declared, but whoever names columns knows how many there are.
            width = names.size();
        }
        if (info.datatype() == Datatype.BYTES) {
            return new TensorPlan(Role.Feature, info, Mode.TEXTS, width, maxColumns, names);
        }
        if (!info.datatype().isFixedSize()) {
            return null;
        }
        Mode mode = width > 0 && width <= maxColumns ? Mode.NUMBERS : Mode.TOGETHER;
        return new TensorPlan(Role.Feature, info, mode, width, maxColumns, names);
    }

    /**
     * @param isLabel whether it is the class that the model predicts
     * @param classes names of the model's classes, where they are known
     */
    static TensorPlan ofOutput(ValueInfo info, boolean isLabel, int maxColumns, List<String> classes) {
        if (info.datatype() == Datatype.SEQUENCE) {
            return new TensorPlan(Role.Prediction, info, Mode.MAPS, 0, maxColumns, List.of());
        }
        if (info.datatype() == Datatype.BYTES) {
            return new TensorPlan(Role.Prediction, info, Mode.TEXTS, isLabel ? 1 : 0, maxColumns, List.of());
        }
        if (!info.datatype().isFixedSize()) {
            return null;
        }
        if (isLabel) {
            return new TensorPlan(Role.Prediction, info, Mode.CLASSES, 1, maxColumns, List.of());
        }
        // What an output's rows have is often not declared: the first answer tells.
        boolean table = info.shape().size() <= 2;
        return new TensorPlan(
                Role.Prediction,
                info,
                table ? Mode.NUMBERS : Mode.TOGETHER,
                table ? 0 : -1,
                maxColumns,
                classes.stream().map(name -> info.name() + "[" + name + "]").toList());
    }

    /** Elements of a row as declared, −1 if that isn't declared or more than there could be. */
    private static int width(ValueInfo info) {
        List<Long> shape = info.shape();
        long width = 1;
        for (int i = 0; i < shape.size(); i++) {
            long size = shape.get(i);
            if (size == 0 || (size < 0 && i > 0)) {
                return -1;
            }
            if (size > 0) {
                width *= size;
            }
            if (width > Integer.MAX_VALUE) {
                return -1;
            }
        }
        return (int) width;
    }

    Role role() {
        return role;
    }

    String name() {
        return name;
    }

    Datatype datatype() {
        return datatype;
    }

    Mode mode() {
        return mode;
    }

    /** What a row has, null until that is known. */
    Columns columns() {
        return columns;
    }

    /**
     * Says what a row has, unless that is known already.
     *
     * @param names of the columns, or none to call them by their position
     * @return what holds now
     */
    synchronized Columns learn(int width, List<String> names) {
        if (columns == null) {
            boolean together = width > maxColumns;
            columns = new Columns(width, together, together ? List.of(name) : names(width, names));
        }
        return columns;
    }

    private List<String> names(int width, List<String> names) {
        if (givenNames.size() == width) {
            return List.copyOf(givenNames);
        }
        if (width == 1) {
            return List.of(name);
        }
        List<String> made = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            made.add(name + "[" + (names.size() == width ? names.get(i) : i) + "]");
        }
        return List.copyOf(made);
    }
}
