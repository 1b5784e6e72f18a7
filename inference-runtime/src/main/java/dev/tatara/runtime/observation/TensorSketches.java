package dev.tatara.runtime.observation;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.observation.Block.Stage;
import dev.tatara.runtime.observation.Secrecy.Hasher;
import dev.tatara.runtime.observation.Secrecy.Treatment;
import dev.tatara.runtime.observation.TensorPlan.Columns;
import dev.tatara.runtime.observation.TensorPlan.Mode;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Sketch;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The open pane's sketches of one input or output; used under the sketcher's lock. */
final class TensorSketches {
    private static final long[] NO_SHAPE = {};
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.UTF_8);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.UTF_8);
    private static final double SUM_TOLERANCE = 1e-3;
    private static final int MOST_VALUES = 4096;

    private final TensorPlan plan;
    private final Secrecy secrecy;
    private final Hasher hasher;
    private final boolean mayBeDistribution;
    private final double[] scratch = new double[MOST_VALUES];
    private Sketch[] sketches = {};
    private Treatment[] treatments = {};
    private CategorySketch best;

    /**
     * @param mayBeDistribution whether the most probable class is worth counting, if rows turn out to be probabilities
     */
    TensorSketches(TensorPlan plan, Secrecy secrecy, boolean mayBeDistribution) {
        this.plan = plan;
        this.secrecy = secrecy;
        this.hasher = secrecy.hasher();
        this.mayBeDistribution = mayBeDistribution;
    }

    /** Values that a row brings; {@code unknown} where only an answer will tell. */
    int valuesPerRow(int unknown) {
        Columns columns = plan.columns();
        return columns == null ? unknown : columns.together() ? TensorPlan.MOST_OF_A_ROW : columns.width();
    }

    int bytesPerRow(int unknown) {
        return valuesPerRow(unknown) * Math.max(plan.datatype().byteSize(), Integer.BYTES);
    }

    void update(Stage stage) {
        Columns columns = plan.columns();
        if (columns == null || (stage.used() == 0 && stage.texts().isEmpty())) {
            return;
        }
        if (sketches.length == 0) {
            make(columns);
        }
        switch (plan.mode()) {
            case NUMBERS, TOGETHER -> numbers(stage, plan.datatype(), columns);
            case MAPS -> numbers(stage, Datatype.FP64, columns);
            case CLASSES -> classes(stage);
            case TEXTS -> texts(stage, columns);
        }
    }

    private void make(Columns columns) {
        List<String> names = columns.names();
        sketches = new Sketch[names.size()];
        treatments = new Treatment[names.size()];
        boolean numbers = plan.mode() != Mode.CLASSES && plan.mode() != Mode.TEXTS;
        for (int i = 0; i < sketches.length; i++) {
            sketches[i] = numbers ? new NumberSketch() : new CategorySketch();
            treatments[i] = secrecy.of(plan.name(), names.get(i));
            if (numbers && treatments[i] == Treatment.HASHED) {
                // A sketch keeps numbers as they are, and one of hashes says nothing.
                treatments[i] = Treatment.LEFT_OUT;
            }
        }
    }

    private void numbers(Stage stage, Datatype datatype, Columns columns) {
        int width = sketches.length;
        int rows = stage.used() / datatype.byteSize() / width;
        Numbers numbers = new Numbers(
                datatype, NO_SHAPE, MemorySegment.ofArray(stage.bytes()).asSlice(0, stage.used()));
        for (int column = 0; column < width; column++) {
            if (treatments[column] == Treatment.SHOWN) {
                NumberSketch sketch = (NumberSketch) sketches[column];
                for (int from = 0; from < rows; from += scratch.length) {
                    int count = Math.min(scratch.length, rows - from);
                    gather(numbers, (long) from * width + column, width, count);
                    sketch.update(scratch, 0, count);
                }
            }
        }
        if (mayBeDistribution && width >= 2 && !columns.together()) {
            mostProbable(numbers, rows, width);
        }
    }

    private void gather(Numbers numbers, long from, int step, int count) {
        if (numbers.datatype() == Datatype.FP32) {
            MemorySegment data = numbers.data();
            for (int i = 0; i < count; i++) {
                scratch[i] = data.get(JAVA_FLOAT_UNALIGNED, (from + (long) i * step) * Float.BYTES);
            }
        } else {
            for (int i = 0; i < count; i++) {
                scratch[i] = Elements.asDouble(numbers, from + (long) i * step);
            }
        }
    }

    private void mostProbable(Numbers numbers, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            double highest = -1;
            int at = 0;
            for (int i = 0; i < width; i++) {
                double value = Elements.asDouble(numbers, (long) row * width + i);
                sum += value >= 0 ? value : Double.NaN;
                if (value > highest) {
                    highest = value;
                    at = i;
                }
            }
            if (Math.abs(sum - 1) <= SUM_TOLERANCE) {
                if (best == null) {
                    best = new CategorySketch();
                }
                best.update(at);
            }
        }
    }

    private void classes(Stage stage) {
        if (treatments[0] == Treatment.LEFT_OUT) {
            return;
        }
        CategorySketch sketch = (CategorySketch) sketches[0];
        int count = stage.used() / plan.datatype().byteSize();
        Numbers numbers = new Numbers(
                plan.datatype(), NO_SHAPE, MemorySegment.ofArray(stage.bytes()).asSlice(0, stage.used()));
        for (int i = 0; i < count; i++) {
            long value = Elements.asLong(numbers, i);
            if (treatments[0] == Treatment.HASHED) {
                sketch.update(hasher.hash(Long.toString(value).getBytes(StandardCharsets.UTF_8)));
            } else if (plan.datatype() == Datatype.BOOL) {
                sketch.update(value != 0 ? TRUE : FALSE);
            } else if (plan.datatype() == Datatype.UINT64 && value < 0) {
                sketch.update(Long.toUnsignedString(value));
            } else {
                sketch.update(value);
            }
        }
    }

    private void texts(Stage stage, Columns columns) {
        int width = columns.together() ? 1 : columns.width();
        for (int i = 0; i < stage.texts().size(); i++) {
            int column = i % width;
            CategorySketch sketch = (CategorySketch) sketches[column];
            byte[] text = stage.texts().get(i);
            switch (treatments[column]) {
                case SHOWN -> sketch.update(text);
                case HASHED -> sketch.update(hasher.hash(text));
                case LEFT_OUT -> {}
            }
        }
    }

    /** Adds the columns that were filled. */
    void addTo(List<Column> filled) {
        List<String> names = sketches.length == 0 ? List.of() : plan.columns().names();
        for (int i = 0; i < sketches.length; i++) {
            if (treatments[i] != Treatment.LEFT_OUT) {
                filled.add(new Column(plan.role(), names.get(i), sketches[i]));
            }
        }
        if (best != null) {
            filled.add(new Column(plan.role(), plan.name() + ".class", best));
        }
    }

    /** Starts over; what was given away stays as it is. */
    void reset() {
        sketches = new Sketch[0];
        treatments = new Treatment[0];
        best = null;
    }

    /** All columns of several tensors. */
    static List<Column> columns(List<TensorSketches> tensors) {
        List<Column> columns = new ArrayList<>();
        tensors.forEach(tensor -> tensor.addTo(columns));
        return columns;
    }
}
