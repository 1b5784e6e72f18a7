package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxValue;

/** What an engine answers. Valid during {@link InferenceEngine.Completion#answered} only. */
public interface InferenceAnswer {

    /**
     * One of the outputs that were asked for.
     *
     * @param position position in {@link InferenceRequest#outputs()}
     */
    OnnxValue output(int position);

    /** How long the request waited for its turn. */
    long queueNanos();

    /** How long ONNX Runtime took. */
    long inferenceNanos();

    /** When ONNX Runtime began, on the scale of {@link System#nanoTime()}; meaningless without a run. */
    long runNanos();

    /** Rows of the run that answered this request, its own included; 0 if it was answered without one. */
    long batchRows();

    /** Whether this request is the first of those that shared the run: who counts these counts runs. */
    boolean isFirstOfRun();
}
