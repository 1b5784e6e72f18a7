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
    private final EntityKeys entityKeys;
    private int[] outputs;
    private String id;
    private String requestId;
    private String subject;
    private TraceContext trace;
    private long deadlineNanos;
    private boolean deadlineSet;
    private volatile boolean abandoned;

    // An engine's notes while the request is its own: no object per request is made for them.
    private InferenceEngine.Completion completion;
    private InferenceRequest next;
    private long submittedNanos;
    private long rows;
    private long rowKey;
    private boolean sharesRuns;
    private boolean queued;

    public InferenceRequest(ServedModel model) {
        this(model, null);
    }

    /**
     * @param entities the keys of entities that it may bring in the place of features, null if features aren't looked up
     */
    public InferenceRequest(ServedModel model, EntityLayout entities) {
        this.model = model;
        entityKeys = entities == null ? null : new EntityKeys(entities);
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

    /** The keys of entities that came in the place of features; null where features aren't looked up. */
    public EntityKeys entityKeys() {
        return entityKeys;
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

    /**
     * Says how long the client waits for its answer. Of several the earliest counts, the server's own limit among them.
     *
     * @param deadline on the scale of {@link System#nanoTime()}; one that has passed is answered 504 and never run
     */
    public void setDeadlineNanos(long deadline) {
        if (!deadlineSet || deadline - deadlineNanos < 0) {
            deadlineNanos = deadline;
            deadlineSet = true;
        }
    }

    /** What logs, ledger and feedback call it: the client's id, another header's or one made up; null if none needs it. */
    public String requestId() {
        return requestId == null ? id : requestId;
    }

    /** Where it belongs in a trace, or null. */
    public TraceContext trace() {
        return trace;
    }

    /** Says what to call it and where it belongs. */
    public void identify(String newRequestId, TraceContext newTrace) {
        requestId = newRequestId;
        trace = newTrace;
    }

    /** Who asks, as a digest, where an experiment counts people; else null. */
    public String subject() {
        return subject;
    }

    /** Says who asks. */
    public void setSubject(String digest) {
        subject = digest;
    }

    boolean isLate(long now) {
        return now - deadlineNanos > 0;
    }

    long deadlineNanos() {
        return deadlineNanos;
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

    /** Bytes of its elements. */
    public long bytes() {
        long bytes = 0;
        for (InputTensor input : inputs) {
            bytes += input.bytes();
        }
        return bytes;
    }

    /** Whether it waits for another thread, so that it is worth while to tell when the client hangs up. */
    public boolean isQueued() {
        return queued;
    }

    /** It belongs to the engine from now on. */
    void submitted(InferenceEngine.Completion to, long now, long mostNanos) {
        completion = to;
        submittedNanos = now;
        rows = rows();
        sharesRuns = rows > 0;
        long key = 1;
        for (InputTensor input : inputs) {
            sharesRuns &= input.rank() > 0 && input.dimension(0) == rows;
            key = input.addRowShape(key);
        }
        // The high bits are the well mixed ones.
        rowKey = key * 0x9E3779B97F4A7C15L;
        setDeadlineNanos(now + mostNanos);
    }

    /** The {@link #rowKey()} of the rows that the model was warmed up with, whose dynamic dimensions are 1. */
    static long warmRowKey(ServedModel model) {
        InferenceRequest warm = new InferenceRequest(model);
        for (InputTensor input : warm.inputs) {
            List<Long> declared = input.info().shape();
            long[] shape = declared.stream().mapToLong(size -> Math.abs(size)).toArray();
            input.setShape(shape, shape.length);
        }
        warm.submitted(null, 0, 0);
        return warm.rowKey;
    }

    void queue() {
        queued = true;
    }

    InferenceEngine.Completion completion() {
        return completion;
    }

    /** When an engine took it over, on the scale of {@link System#nanoTime()}. */
    public long submittedNanos() {
        return submittedNanos;
    }

    /** As {@link #rows()} when it was submitted. */
    long submittedRows() {
        return rows;
    }

    /** Tells shapes of rows apart: equal for rows of equal shape, and nearly always different otherwise. */
    long rowKey() {
        return rowKey;
    }

    /** Whether every input has the same number of rows, at least one. */
    boolean sharesRuns() {
        return sharesRuns;
    }

    /** Whether the rows of both have the same shape, input by input. */
    boolean hasRowsLike(InferenceRequest other) {
        if (rowKey != other.rowKey) {
            return false;
        }
        for (int i = 0; i < inputs.length; i++) {
            if (!inputs[i].hasRowsLike(other.inputs[i])) {
                return false;
            }
        }
        return true;
    }

    InferenceRequest next() {
        return next;
    }

    void setNext(InferenceRequest following) {
        next = following;
    }

    /** Makes it ready for the next request. */
    public void reset() {
        for (InputTensor input : inputs) {
            input.reset();
        }
        if (entityKeys != null) {
            entityKeys.reset();
        }
        outputs = everyOutput;
        id = null;
        requestId = null;
        subject = null;
        trace = null;
        deadlineNanos = 0;
        deadlineSet = false;
        abandoned = false;
        completion = null;
        next = null;
        queued = false;
    }

    /** Frees its native memory. */
    public void free() {
        for (InputTensor input : inputs) {
            input.free();
        }
        if (entityKeys != null) {
            entityKeys.free();
        }
    }
}
