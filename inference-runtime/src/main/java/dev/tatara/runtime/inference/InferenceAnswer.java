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
}
