package dev.tatara.steps.evaluate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.inspect.RuntimeWords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs a model on batches of rows, as serving does: through the same library, many rows in one run. */
final class ModelRunner implements AutoCloseable {
    private static final int ROWS_OF_A_RUN = 256;

    private final OnnxModel model;
    private final OnnxCall call;
    private final InputColumns columns;
    private final AnswerReader reader;
    private final int fixedRows;

    /**
     * @param model closed with this
     * @param columns what feeds its inputs
     * @param reader what is taken of its outputs
     */
    ModelRunner(OnnxModel model, InputColumns columns, AnswerReader reader) {
        this.model = model;
        this.columns = columns;
        this.reader = reader;
        call = model.newCall();
        fixedRows = model.inputs().stream()
                .map(ValueInfo::shape)
                .filter(shape -> !shape.isEmpty() && shape.getFirst() > 0)
                .mapToInt(shape -> (int) Math.min(shape.getFirst(), Integer.MAX_VALUE))
                .findFirst()
                .orElse(0);
    }

    InputColumns columns() {
        return columns;
    }

    /** Columns that take noise: numbers that the model takes with fractions. */
    List<TestColumn> noisy() {
        var noisy = new ArrayList<TestColumn>();
        for (int i = 0; i < columns.inputs().size(); i++) {
            switch (model.inputs().get(i).datatype()) {
                case FP16, BF16, FP32, FP64 -> noisy.addAll(columns.inputs().get(i));
                case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, BYTES, SEQUENCE, MAP, OTHER -> {}
            }
        }
        return noisy;
    }

    /** What the model says of all rows of a batch. */
    Answers run(Batch batch) throws StepFailure {
        return run(batch, 0, batch.rows());
    }

    /** What the model says of {@code count} rows. */
    Answers run(Batch batch, int from, int count) throws StepFailure {
        var most = fixedRows > 0 ? fixedRows : ROWS_OF_A_RUN;
        var parts = new ArrayList<Answers>();
        for (int at = 0; at < count; at += most) {
            parts.add(runOnce(batch, from + at, Math.min(most, count - at)));
        }
        return parts.size() == 1 ? parts.getFirst() : AnswerReader.together(parts);
    }

    private Answers runOnce(Batch batch, int from, int count) throws StepFailure {
        // A model of a fixed number of rows gets its last row again until it has enough.
        var padded = fixedRows > 0 ? fixedRows : count;
        try (var arena = Arena.ofConfined()) {
            for (int i = 0; i < columns.inputs().size(); i++) {
                feed(i, batch, from, count, padded, arena);
            }
            call.run(reader.outputs());
            return reader.read(call, count, padded);
        } catch (OnnxException e) {
            throw StepFailure.rejected(
                    Reasons.MODEL_FAILED,
                    "the model can't be run on the test data: %s; try it on rows of the training data, and export it again"
                            .formatted(RuntimeWords.of(e)));
        } finally {
            call.clear();
        }
    }

    private void feed(int input, Batch batch, int from, int count, int padded, Arena arena) throws StepFailure {
        var info = model.inputs().get(input);
        var positions = columns.inputs().get(input).stream()
                .mapToInt(column -> batch.position(column.name()))
                .toArray();
        var shape = shape(info, padded, positions.length);
        if (info.datatype() == Datatype.BYTES) {
            call.strings(input, texts(batch, positions, from, count, padded), shape);
            return;
        }
        var bytes = info.datatype().byteSize();
        var data = arena.allocate(Math.max(1, (long) padded * positions.length * bytes), 8);
        long at = 0;
        for (int row = 0; row < padded; row++) {
            for (var position : positions) {
                put(data, at++, info, batch, position, from + Math.min(row, count - 1));
            }
        }
        call.input(input, data, shape);
    }

    private static long[] shape(ValueInfo info, int rows, int width) throws StepFailure {
        var shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        var rank = shape.length;
        if (rank == 0) {
            throw unsupported(info, "no dimension for rows");
        }
        shape[0] = rows;
        if (rank == 1 && width == 1) {
            return shape;
        }
        if (rank == 2) {
            shape[1] = width;
            return shape;
        }
        for (int i = 1; i < rank; i++) {
            if (shape[i] < 0) {
                throw unsupported(info, "more than one dimension of unknown size");
            }
        }
        if (rank == 1) {
            throw unsupported(info, "one value for a row, and " + width + " columns are its features");
        }
        return shape;
    }

    private static StepFailure unsupported(ValueInfo info, String why) {
        return StepFailure.rejected(
                Reasons.UNSUPPORTED_MODEL,
                "the model's input %s has shape %s, %s; export it with rows in the first dimension and features in the second"
                        .formatted(info.name(), info.shape(), why));
    }

    private static List<byte[]> texts(Batch batch, int[] positions, int from, int count, int padded) {
        var texts = new ArrayList<byte[]>(padded * positions.length);
        for (int row = 0; row < padded; row++) {
            for (var position : positions) {
                var text = batch.text(position, from + Math.min(row, count - 1));
                texts.add((text == null ? "" : text).getBytes(StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    private static void put(MemorySegment data, long at, ValueInfo info, Batch batch, int column, int row)
            throws StepFailure {
        var number = batch.number(column, row);
        switch (info.datatype()) {
            case FP32 -> data.setAtIndex(JAVA_FLOAT, at, (float) number);
            case FP64 -> data.setAtIndex(JAVA_DOUBLE, at, number);
            case FP16 -> data.setAtIndex(JAVA_SHORT, at, Float.floatToFloat16((float) number));
            case BF16 -> data.setAtIndex(JAVA_SHORT, at, bf16((float) number));
            case INT64, UINT64 -> data.setAtIndex(JAVA_LONG, at, whole(info, batch, column, row));
            case INT32, UINT32 -> data.setAtIndex(JAVA_INT, at, (int) whole(info, batch, column, row));
            case INT16, UINT16 -> data.setAtIndex(JAVA_SHORT, at, (short) whole(info, batch, column, row));
            case INT8, UINT8 -> data.set(JAVA_BYTE, at, (byte) whole(info, batch, column, row));
            case BOOL -> data.set(JAVA_BYTE, at, (byte) (whole(info, batch, column, row) == 0 ? 0 : 1));
            case BYTES, SEQUENCE, MAP, OTHER -> throw unsupported(info, "of a kind that isn't fed from columns");
        }
    }

    private static long whole(ValueInfo info, Batch batch, int column, int row) throws StepFailure {
        var number = batch.number(column, row);
        if (Double.isNaN(number) || number != Math.rint(number)) {
            throw StepFailure.rejected(
                    Reasons.COLUMNS_MISMATCH,
                    "column %s has a value that is %s; the model's input %s takes whole numbers (%s): fill what is missing before training, or let the model take FP32"
                            .formatted(
                                    batch.column(column).name(),
                                    Double.isNaN(number) ? "missing" : String.valueOf(number),
                                    info.name(),
                                    info.datatype()));
        }
        return batch.whole(column, row);
    }

    /** The upper half of a float's bits, rounded to nearest even. */
    private static short bf16(float value) {
        var bits = Float.floatToIntBits(value);
        return Float.isNaN(value) ? (short) 0x7FC0 : (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    @Override
    public void close() {
        call.close();
        model.close();
    }
}
