package dev.tatara.runtime.inference;

import dev.tatara.runtime.inference.EngineMeters.Rejection;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs what is expected to be quick on the calling event loop, where handing over to another thread would cost more than
 * the run itself, and passes on what isn't. One per event loop, used on it alone.
 *
 * <p>Requests are run when the loop has read all that its connections had for it, those together whose rows have the same
 * shape. So nothing ever waits for more to come, and the busier the loop is the more of them share a run: while one run
 * goes on, the network gathers the next.
 */
public final class EventLoopEngine implements InferenceEngine, AutoCloseable {
    private final EngineState state;
    private final Executor loop;
    private final InferenceEngine longRuns;
    private final Runner runner;
    private final long budgetNanos;
    private final long maxWaitNanos;
    private final int maxRows;
    private final InferenceRequest[] group;
    private final Backlog backlog = new Backlog();
    private final Backlog.Dropped dropped;
    private final Runnable turn = this::turn;
    private boolean turnIsDue;
    private boolean running;
    private boolean closed;

    /**
     * @param budget the longest run that may hold the event loop up
     * @param loop runs a task on the event loop, after what the loop has in hand
     * @param longRuns where longer ones go
     */
    public EventLoopEngine(EngineState state, Duration budget, Executor loop, InferenceEngine longRuns) {
        this.state = state;
        this.loop = loop;
        this.longRuns = longRuns;
        runner = new Runner(state.model(), state);
        budgetNanos = budget.toNanos();
        maxWaitNanos = state.settings().maxWait().toNanos();
        maxRows = state.maxRows();
        group = new InferenceRequest[Math.max(1, maxRows)];
        dropped = state::cancel;
    }

    @Override
    public void submit(InferenceRequest request, Completion completion) {
        request.submitted(completion, System.nanoTime(), maxWaitNanos);
        if (closed) {
            state.meters().rejected(Rejection.CLOSED);
            Runner.fail(request, new RequestException(503, "this server is about to end: try again later"));
        } else if (state.costs().expected(request.rowKey(), request.submittedRows()) > budgetNanos) {
            longRuns.submit(request, completion);
        } else {
            backlog.add(request);
            if (!state.togetherness().isAllowed() || backlog.rows() >= maxRows) {
                run();
            } else if (!turnIsDue && !running) {
                turnIsDue = true;
                loop.execute(turn);
            }
        }
    }

    private void turn() {
        turnIsDue = false;
        run();
    }

    /** Runs all there is. An answer may bring the next request of its connection: that one comes into the same loop. */
    private void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            while (!backlog.isEmpty()) {
                int most = state.costs().rowsWithin(backlog.first().rowKey(), budgetNanos, maxRows);
                int count = backlog.take(group, most, state.togetherness().isAllowed(), System.nanoTime(), dropped);
                if (count > 0) {
                    runner.run(group, count);
                }
            }
        } finally {
            running = false;
        }
        if (closed) {
            runner.close();
        }
    }

    /** Runs what is left, then frees native memory; in the midst of a run, as an answer may ask for it, after that run. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            run();
        }
    }
}
