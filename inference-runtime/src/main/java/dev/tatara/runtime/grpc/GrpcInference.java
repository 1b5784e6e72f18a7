package dev.tatara.runtime.grpc;

import dev.tatara.runtime.features.FoundFeatures;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.serving.Responder;
import dev.tatara.runtime.tracing.RequestSpan;
import dev.tatara.runtime.tracing.Tracing;

/** What a call's only inference and each one of a stream have in common: how it is let in, read and counted. */
abstract class GrpcInference implements Responder, Dialect {
    private final Call call;
    private final Door door;
    private final long startedNanos;
    private final RequestSpan span;
    private final boolean isCopy;
    private long deadlineNanos;
    private InferReader.Asked asked;
    private boolean counted;
    private String requestId;
    private TraceContext trace;

    /**
     * @param door null while the model is loading
     * @param startedNanos when its first byte came, on the scale of {@link System#nanoTime()}
     */
    GrpcInference(Call call, Door door, long startedNanos) {
        this.call = call;
        this.door = door;
        this.startedNanos = startedNanos;
        Tracing tracing = call.serving().tracing();
        isCopy = call.isCopy();
        span = tracing == null || isCopy ? null : tracing.begin(call.request().headers(), startedNanos);
        trace = span == null ? null : span.context();
        call.serving().active().incrementAndGet();
    }

    final Call call() {
        return call;
    }

    final Door door() {
        return door;
    }

    /** How the client wants its answer. */
    final InferReader.Asked asked() {
        return asked;
    }

    /**
     * Says when the call's client stops waiting.
     *
     * @param deadline on the scale of {@link System#nanoTime()}, or 0
     */
    final void setDeadlineNanos(long deadline) {
        deadlineNanos = deadline;
    }

    /** Null if it is let in, else what to answer. */
    final RequestException refusal() {
        return door == null ? new RequestException(503, call.serving().whyNotLoaded()) : call.admission();
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        asked = door.reader().read(bytes, offset + Call.PREFIX, length - Call.PREFIX, request);
        if (asked.timeoutMicros() > 0) {
            request.setDeadlineNanos(
                    System.nanoTime() + Math.min(asked.timeoutMicros(), Long.MAX_VALUE / 2_000) * 1_000);
        }
        if (deadlineNanos != 0) {
            request.setDeadlineNanos(deadlineNanos);
        }
    }

    @Override
    public final boolean isCopy() {
        return isCopy;
    }

    @Override
    public final FoundFeatures features() {
        return call.features();
    }

    @Override
    public final Protocol protocol() {
        return Protocol.V2_GRPC;
    }

    @Override
    public final RequestSpan span() {
        return span;
    }

    @Override
    public final long nanosSoFar() {
        return System.nanoTime() - startedNanos;
    }

    @Override
    public final CharSequence header(CharSequence name) {
        return call.request().headers().get(name);
    }

    @Override
    public final void identified(String id, TraceContext context) {
        requestId = id;
        trace = context;
    }

    @Override
    public final void refuseBody(RequestException why) {
        fail(why);
    }

    /**
     * Counts and logs how it ended, once.
     *
     * @param status as of HTTP
     */
    final void count(int status, int bytes) {
        if (counted) {
            return;
        }
        counted = true;
        if (isCopy) {
            return;
        }
        Serving.Loaded loaded = call.serving().loaded();
        if (loaded != null) {
            loaded.metrics().answered(Protocol.V2_GRPC, status, nanosSoFar());
        }
        call.log(Protocol.V2_GRPC, status, bytes, requestId, trace);
        if (span != null) {
            span.endRpc(call.request(), GrpcStatus.of(status).name(), requestId);
        }
    }

    /** Its answer is on its way, or nobody waits for it. */
    final void left() {
        call.serving().active().decrementAndGet();
    }
}
