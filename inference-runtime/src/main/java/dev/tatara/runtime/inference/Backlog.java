package dev.tatara.runtime.inference;

import dev.tatara.runtime.inference.EngineMeters.Cancellation;

/**
 * Requests in the order of their arrival, taken in groups that can be run together. Not thread-safe.
 *
 * <p>The oldest is always taken, so nothing waits behind younger ones for more than its turn; those that fit to it come
 * along from wherever they stand, and the others keep their places.
 */
final class Backlog {
    /** How far a group is looked for: a long queue of odd shapes must not cost more than the runs it saves. */
    private static final int LOOKED_THROUGH = 1024;

    private InferenceRequest first;
    private InferenceRequest last;
    private int requests;
    private long rows;
    private long bytes;

    /** Is given what needn't be run any more. */
    interface Dropped {
        void accept(InferenceRequest request, Cancellation reason);
    }

    void add(InferenceRequest request) {
        request.setNext(null);
        if (last == null) {
            first = request;
        } else {
            last.setNext(request);
        }
        last = request;
        requests++;
        rows += request.submittedRows();
        bytes += request.bytes();
    }

    boolean isEmpty() {
        return first == null;
    }

    /** The oldest, or null. */
    InferenceRequest first() {
        return first;
    }

    int requests() {
        return requests;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    /**
     * Takes the oldest request and those that can be run with it.
     *
     * @param into is filled; as long as {@code maxRows} at least
     * @param maxRows most rows of several requests together; one request may have more
     * @param together whether requests may be run together at all
     * @return how many were taken, 0 if none is left
     */
    int take(InferenceRequest[] into, int maxRows, boolean together, long now, Dropped dropped) {
        int taken = 0;
        long takenRows = 0;
        InferenceRequest previous = null;
        InferenceRequest request = first;
        for (int looked = 0; request != null && looked < LOOKED_THROUGH; looked++) {
            InferenceRequest next = request.next();
            Cancellation reason = cancelled(request, now);
            if (reason != null) {
                unlink(previous, request);
                dropped.accept(request, reason);
            } else if (taken == 0
                    || (request.sharesRuns()
                            && takenRows + request.submittedRows() <= maxRows
                            && request.hasRowsLike(into[0]))) {
                unlink(previous, request);
                into[taken++] = request;
                takenRows += request.submittedRows();
                if (!together || takenRows >= maxRows || !request.sharesRuns()) {
                    break;
                }
            } else {
                previous = request;
            }
            request = next;
        }
        return taken;
    }

    /** Drops what needn't be run any more. */
    void sweep(long now, Dropped dropped) {
        InferenceRequest previous = null;
        InferenceRequest request = first;
        while (request != null) {
            InferenceRequest next = request.next();
            Cancellation reason = cancelled(request, now);
            if (reason == null) {
                previous = request;
            } else {
                unlink(previous, request);
                dropped.accept(request, reason);
            }
            request = next;
        }
    }

    /** Removes the oldest. */
    InferenceRequest poll() {
        InferenceRequest request = first;
        if (request != null) {
            unlink(null, request);
        }
        return request;
    }

    private void unlink(InferenceRequest previous, InferenceRequest request) {
        InferenceRequest next = request.next();
        if (previous == null) {
            first = next;
        } else {
            previous.setNext(next);
        }
        if (last == request) {
            last = previous;
        }
        request.setNext(null);
        requests--;
        rows -= request.submittedRows();
        bytes -= request.bytes();
    }

    static Cancellation cancelled(InferenceRequest request, long now) {
        if (request.isAbandoned()) {
            return Cancellation.DISCONNECTED;
        }
        return request.isLate(now) ? Cancellation.DEADLINE : null;
    }
}
