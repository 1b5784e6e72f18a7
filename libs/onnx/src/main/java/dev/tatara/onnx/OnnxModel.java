package dev.tatara.onnx;

import java.util.List;

/** A loaded model. Threads share it; each runs it through a call of its own. */
public interface OnnxModel extends AutoCloseable {

    /** The inputs that a run needs, in the order of the graph (initializers that could be overridden excluded). */
    List<ValueInfo> inputs();

    /** The outputs, in the order of the graph. */
    List<ValueInfo> outputs();

    /**
     * A new reusable way to run this model, for one thread at a time.
     *
     * @throws IllegalStateException if the model is closed
     */
    OnnxCall newCall();

    /** Lets go of the model. Its memory is freed when the last call is closed too, so a run is never cut off. */
    @Override
    void close();
}
