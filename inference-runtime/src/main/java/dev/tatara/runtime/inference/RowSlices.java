package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxValue;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The answers of a run that several requests share, cut to the rows of one after the other. Reused. */
final class RowSlices implements InferenceAnswer {
    private final OnnxValue[] whole;
    private final int[] positions;
    private final boolean[] wanted;
    private int[] outputs = new int[0];
    private InferenceRequest request;
    private long from;
    private long totalRows;
    private long queueNanos;
    private long inferenceNanos;
    private long runNanos;

    /**
     * @param outputCount how many outputs the model has
     */
    RowSlices(int outputCount) {
        whole = new OnnxValue[outputCount];
        positions = new int[outputCount];
        wanted = new boolean[outputCount];
    }

    /** Positions of all outputs that any of the requests asks for. */
    int[] union(InferenceRequest[] requests, int start, int end) {
        int count = 0;
        for (int i = start; i < end; i++) {
            for (int output : requests[i].outputs()) {
                if (!wanted[output]) {
                    wanted[output] = true;
                    count++;
                }
            }
        }
        if (outputs.length != count) {
            outputs = new int[count];
        }
        int position = 0;
        for (int output = 0; output < wanted.length; output++) {
            if (wanted[output]) {
                wanted[output] = false;
                positions[output] = position;
                outputs[position++] = output;
            }
        }
        return outputs;
    }

    /**
     * Reads the outputs of a run.
     *
     * @return null, or which output can't be cut into rows
     */
    String read(OnnxCall call, long rows, long beganNanos, long tookNanos) {
        totalRows = rows;
        runNanos = beganNanos;
        inferenceNanos = tookNanos;
        for (int i = 0; i < outputs.length; i++) {
            whole[i] = call.output(i);
            if (rowsOf(whole[i]) != rows) {
                return "output " + outputs[i] + " has " + rowsOf(whole[i]) + " rows for " + rows;
            }
        }
        return null;
    }

    private static long rowsOf(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Numbers numbers -> numbers.shape().length == 0 ? -1 : numbers.shape()[0];
            case OnnxValue.Strings strings -> strings.shape().length == 0 ? -1 : strings.shape()[0];
            case OnnxValue.Sequence sequence -> sequence.elements().size();
            case OnnxValue.Mapping mapping -> -1;
        };
    }

    /** Turns to the request whose rows begin there. */
    void turnTo(InferenceRequest whose, long firstRow, long waitedNanos) {
        request = whose;
        from = firstRow;
        queueNanos = waitedNanos;
    }

    /** Lets go of the run. */
    void clear() {
        Arrays.fill(whole, null);
        request = null;
    }

    @Override
    public OnnxValue output(int position) {
        OnnxValue value = whole[positions[request.outputs()[position]]];
        long rows = request.submittedRows();
        return switch (value) {
            case OnnxValue.Numbers numbers -> {
                long rowBytes = numbers.data().byteSize() / totalRows;
                MemorySegment data = numbers.data().asSlice(from * rowBytes, rows * rowBytes);
                yield new OnnxValue.Numbers(numbers.datatype(), shape(numbers.shape(), rows), data);
            }
            case OnnxValue.Strings strings -> {
                int perRow = (int) (strings.elements().size() / totalRows);
                yield new OnnxValue.Strings(
                        shape(strings.shape(), rows),
                        strings.elements().subList((int) from * perRow, (int) (from + rows) * perRow));
            }
            case OnnxValue.Sequence sequence ->
                new OnnxValue.Sequence(sequence.elements().subList((int) from, (int) (from + rows)));
            case OnnxValue.Mapping mapping -> throw new IllegalStateException("a map has no rows");
        };
    }

    private static long[] shape(long[] whole, long rows) {
        long[] shape = whole.clone();
        shape[0] = rows;
        return shape;
    }

    @Override
    public long queueNanos() {
        return queueNanos;
    }

    @Override
    public long inferenceNanos() {
        return inferenceNanos;
    }

    @Override
    public long runNanos() {
        return runNanos;
    }

    @Override
    public long batchRows() {
        return totalRows;
    }

    @Override
    public boolean isFirstOfRun() {
        return from == 0;
    }
}
