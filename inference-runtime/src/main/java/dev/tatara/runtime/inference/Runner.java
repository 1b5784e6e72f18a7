package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.inference.InferenceEngine.Completion;
import dev.tatara.runtime.model.ServedModel;
import java.util.Arrays;
import org.jboss.logging.Logger;

/** One thread's way to run the model: a request alone, read where it lies, or the rows of several together. */
final class Runner implements InferenceAnswer, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Runner.class);

    private final OnnxCall call;
    private final EngineState state;
    private final InputTensor[] gathered;
    private final RowSlices slices;
    private long startedNanos;
    private long queueNanos;
    private long inferenceNanos;
    private long runNanos;
    private long rows;

    Runner(ServedModel model, EngineState state) {
        this.call = model.newCall();
        this.state = state;
        gathered = new InputTensor[model.inputs().size()];
        for (int i = 0; i < gathered.length; i++) {
            gathered[i] = new InputTensor(model.inputs().get(i));
        }
        slices = new RowSlices(model.outputs().size());
    }

    /**
     * Runs requests whose rows have the same shape and completes each of them, whatever happens to the others.
     *
     * @param requests entries up to {@code count} are run and then forgotten
     */
    void run(InferenceRequest[] requests, int count) {
        startedNanos = System.nanoTime();
        if (count == 1) {
            alone(requests[0]);
            requests[0] = null;
            return;
        }
        String trouble = together(requests, 0, count);
        if (trouble != null && apart(requests, 0, count) == 0) {
            state.togetherness().disappointed(trouble);
        }
        Arrays.fill(requests, 0, count, null);
    }

    /**
     * Runs halves of a group that failed until what makes them fail is alone.
     *
     * @return how many requests failed
     */
    private int apart(InferenceRequest[] requests, int from, int to) {
        int middle = (from + to) >>> 1;
        return half(requests, from, middle) + half(requests, middle, to);
    }

    private int half(InferenceRequest[] requests, int from, int to) {
        if (to - from == 1) {
            return alone(requests[from]) ? 0 : 1;
        }
        return together(requests, from, to) == null ? 0 : apart(requests, from, to);
    }

    /**
     * Runs one request.
     *
     * @return whether the model answered
     */
    private boolean alone(InferenceRequest request) {
        try {
            request.feed(call);
            runNanos = System.nanoTime();
            call.run(request.outputs());
            inferenceNanos = System.nanoTime() - runNanos;
        } catch (OnnxException e) {
            // The model answered zeros before it became ready; what it refuses now is in this request.
            fail(request, RequestException.bad("the model refuses these inputs: " + oneLine(e)));
            return false;
        } catch (RuntimeException e) {
            LOG.error("the model could not be run", e);
            fail(request, fault());
            return false;
        }
        ran(request.rowKey(), request.submittedRows());
        queueNanos = startedNanos - request.submittedNanos();
        rows = request.submittedRows();
        answer(request, this);
        return true;
    }

    /**
     * Runs several requests in one.
     *
     * @return null if all are answered, or why none is
     */
    private String together(InferenceRequest[] requests, int from, int to) {
        long rows;
        try {
            rows = gather(requests, from, to);
            runNanos = System.nanoTime();
            call.run(slices.union(requests, from, to));
            inferenceNanos = System.nanoTime() - runNanos;
            String uneven = slices.read(call, rows, runNanos, inferenceNanos);
            if (uneven != null) {
                return uneven;
            }
        } catch (RuntimeException e) {
            // Whose fault it is shows when they run apart.
            return oneLine(e);
        } finally {
            for (InputTensor input : gathered) {
                input.reset();
            }
        }
        ran(requests[from].rowKey(), rows);
        long row = 0;
        for (int i = from; i < to; i++) {
            InferenceRequest request = requests[i];
            long its = request.submittedRows();
            slices.turnTo(request, row, startedNanos - request.submittedNanos());
            answer(request, slices);
            row += its;
        }
        slices.clear();
        return null;
    }

    private long gather(InferenceRequest[] requests, int from, int to) {
        long rows = 0;
        for (int i = from; i < to; i++) {
            rows += requests[i].submittedRows();
        }
        for (int i = 0; i < gathered.length; i++) {
            for (int j = from; j < to; j++) {
                requests[j].input(i).addTo(gathered[i]);
            }
            gathered[i].setShapeLike(requests[from].input(i), rows);
            gathered[i].feed(call, i);
        }
        return rows;
    }

    private void ran(long rowKey, long rows) {
        state.costs().learn(rowKey, rows, inferenceNanos);
        state.meters().ran(rows, inferenceNanos);
    }

    private void answer(InferenceRequest request, InferenceAnswer answer) {
        state.meters().waited(answer.queueNanos());
        // Once it is answered the request may be somebody else's.
        Completion completion = request.completion();
        try {
            completion.answered(request, answer);
        } catch (RuntimeException e) {
            LOG.error("a request could not be answered", e);
            fail(request, completion, fault());
        }
    }

    private static RequestException fault() {
        return new RequestException(500, "the server failed: its log says why");
    }

    /** Tells who asked; whatever goes wrong there is not the others' trouble. */
    private static void fail(InferenceRequest request, Completion completion, RequestException why) {
        try {
            completion.failed(request, why);
        } catch (RuntimeException e) {
            LOG.error("a failure could not be told", e);
        }
    }

    static void fail(InferenceRequest request, RequestException why) {
        fail(request, request.completion(), why);
    }

    private static String oneLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ").strip();
    }

    @Override
    public OnnxValue output(int position) {
        return call.output(position);
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
        return rows;
    }

    @Override
    public boolean isFirstOfRun() {
        return true;
    }

    @Override
    public void close() {
        call.close();
        for (InputTensor input : gathered) {
            input.free();
        }
    }
}
