package dev.tatara.runtime.inference;

import java.util.Locale;

/** Is told what engines do; from any thread. */
public interface EngineMeters {

    /** For who wants to know nothing. */
    EngineMeters NONE = new EngineMeters() {
        @Override
        public void ran(long rows, long nanos) {}

        @Override
        public void waited(long nanos) {}

        @Override
        public void rejected(Rejection reason) {}

        @Override
        public void cancelled(Cancellation reason) {}
    };

    /** Why a request wasn't let in. */
    enum Rejection {
        /** As many requests wait as may. */
        QUEUE_FULL,
        /** Those that wait hold as much memory as they may. */
        QUEUE_BYTES,
        /** The model is being replaced or the process ends. */
        CLOSED,
        /** All clients together send more than this process lets in. */
        RATE_LIMIT,
        /** This client sends more than one may. */
        CLIENT_RATE_LIMIT;

        /** As the label {@code reason} of metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why a request that was let in never ran. */
    enum Cancellation {
        /** Nobody wants the answer any more. */
        DEADLINE,
        /** The client hung up. */
        DISCONNECTED;

        /** As the label {@code reason} of metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The model ran, once for the rows of one or several requests.
     *
     * @param rows rows of all requests in the run
     * @param nanos how long ONNX Runtime took
     */
    void ran(long rows, long nanos);

    /** A request's turn came after so many nanoseconds. */
    void waited(long nanos);

    void rejected(Rejection reason);

    void cancelled(Cancellation reason);
}
