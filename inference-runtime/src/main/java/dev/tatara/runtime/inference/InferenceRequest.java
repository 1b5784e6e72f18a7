package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.model.ServedModel;
import java.util.List;

/**
 * A request as an engine takes it: whole inputs in native memory, whatever protocol they came by. Reused; who submits it
 * leaves it alone until the engine has completed it.
 */
public final class InferenceRequest {
    private final ServedModel model;
    private final InputTensor[] inputs;
    private final int[] everyOutput;
    private int[] outputs;
    private String id;
    private long deadlineNanos;
    private volatile boolean abandoned;

    public InferenceRequest(ServedModel model) {
        this.model = model;
        List<ValueInfo> infos = model.inputs();
        inputs = new InputTensor[infos.size()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new InputTensor(infos.get(i));
        }
        everyOutput = new int[model.outputs().size()];
        for (int i = 0; i < everyOutput.length; i++) {
            everyOutput[i] = i;
        }
        outputs = everyOutput;
    }

    public ServedModel model() {
        return model;
    }

    public int inputCount() {
        return inputs.length;
    }

    public InputTensor input(int index) {
        return inputs[index];
    }

    /** Positions of the model's outputs that are asked for, in the order of the answer. */
    public int[] outputs() {
        return outputs;
    }

    public void setOutputs(int[] positions) {
        outputs = positions;
    }

    /** The client's own id, or null. */
    public String id() {
        return id;
    }

    public void setId(String id) {
        this.id = id;
    }

    /** On the scale of {@link System#nanoTime()}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    public void setDeadlineNanos(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    /** The client is gone: whoever hasn't run this yet needn't. */
    public void abandon() {
        abandoned = true;
    }

    public boolean isAbandoned() {
        return abandoned;
    }

    /** Rows by the first dimension of the first input, 1 where the model has no dynamic first dimension. */
    public long rows() {
        if (inputs.length == 0 || inputs[0].rank() == 0) {
            return 1;
        }
        List<Long> declared = inputs[0].info().shape();
        return !declared.isEmpty() && declared.getFirst() < 0 ? inputs[0].dimension(0) : 1;
    }

    void feed(OnnxCall call) {
        for (int i = 0; i < inputs.length; i++) {
            inputs[i].feed(call, i);
        }
    }

    /** Makes it ready for the next request. */
    public void reset() {
        for (InputTensor input : inputs) {
            input.reset();
        }
        outputs = everyOutput;
        id = null;
        deadlineNanos = 0;
        abandoned = false;
    }

    /** Frees its native memory. */
    public void free() {
        for (InputTensor input : inputs) {
            input.free();
        }
    }
}
