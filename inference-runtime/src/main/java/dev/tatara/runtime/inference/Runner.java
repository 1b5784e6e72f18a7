package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.inference.InferenceEngine.Completion;
import dev.tatara.runtime.model.ServedModel;

/** One thread's way to run the model. */
final class Runner implements InferenceAnswer, AutoCloseable {
    private final OnnxCall call;
    private long queueNanos;
    private long inferenceNanos;

    Runner(ServedModel model) {
        this.call = model.newCall();
    }

    void run(InferenceRequest request, long waitedNanos, Completion completion) {
        try {
            request.feed(call);
            long started = System.nanoTime();
            call.run(request.outputs());
            inferenceNanos = System.nanoTime() - started;
            queueNanos = waitedNanos;
        } catch (OnnxException e) {
            // The model answered zeros before it became ready; what it refuses now is in this request.
            completion.failed(request, RequestException.bad("the model refuses these inputs: " + oneLine(e)));
            return;
        }
        completion.answered(request, this);
    }

    private static String oneLine(OnnxException e) {
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
    public void close() {
        call.close();
    }
}
