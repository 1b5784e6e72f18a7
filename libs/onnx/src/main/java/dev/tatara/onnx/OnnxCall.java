package dev.tatara.onnx;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One run of a model at a time: set the inputs, run, read the outputs, {@link #clear()}, start over. Not thread-safe.
 *
 * <p>Everything that {@link #output} gave is invalid after {@link #clear()}, the next {@link #run()} or {@link #close()}.
 */
public interface OnnxCall extends AutoCloseable {

    /**
     * Feeds an input from the caller's native memory, which is read in place and must stay as it is until the run is
     * over.
     *
     * @param index position in {@link OnnxModel#inputs()}
     * @param data elements in row-major order and the machine's byte order; longer than needed is fine
     * @param shape entries 0 to {@code rank}−1 are the dimensions; later ones are ignored
     * @param rank number of dimensions, 0 for a scalar
     * @throws OnnxException if the data is too short for the shape or a dimension is negative
     * @throws IllegalArgumentException if the input isn't a tensor of numbers or booleans
     */
    void input(int index, MemorySegment data, long[] shape, int rank);

    /** As {@link #input(int, MemorySegment, long[], int)} with all entries of the shape. */
    default void input(int index, MemorySegment data, long... shape) {
        input(index, data, shape, shape.length);
    }

    /**
     * Feeds an input of strings, which are copied.
     *
     * @param elements as many as the shape has elements, UTF-8 by convention, any bytes in fact
     * @throws IllegalArgumentException if the input isn't a tensor of strings or the count differs from the shape's
     */
    void strings(int index, List<byte[]> elements, long... shape);

    /**
     * Feeds every input with zeros (empty strings for strings), for warming up and probing.
     *
     * @param dynamicDimension what to take for dimensions that are dynamic
     * @throws OnnxException with code NOT_IMPLEMENTED if an input isn't a tensor
     */
    void zeros(long dynamicDimension);

    /**
     * Runs the model.
     *
     * @throws OnnxException with ONNX Runtime's words; the inputs stay set
     * @throws IllegalStateException if an input isn't set
     */
    void run();

    /**
     * Runs the model for some of its outputs.
     *
     * @param outputs positions in {@link OnnxModel#outputs()}; {@link #output} takes positions in this array
     */
    void run(int[] outputs);

    /** Number of outputs of the last run. */
    int outputCount();

    /**
     * An output of the last run.
     *
     * @param position position among the outputs that were asked for
     */
    OnnxValue output(int position);

    /** Lets go of inputs and outputs; the call can be used again. */
    void clear();

    @Override
    void close();
}
