package dev.tatara.runtime.inference;

import dev.tatara.runtime.inference.EngineMeters.Rejection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Runs requests of all event loops and protocols on threads of its own. While all of them are busy requests gather, and
 * the next worker that gets free runs together what fits. The queue is bounded in requests and in bytes.
 */
public final class BatchingEngine implements InferenceEngine, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BatchingEngine.class);
    private static final Duration SWEEP = Duration.ofMillis(100);
    private static final int LONGEST_RETRY_SECONDS = 60;

    private final EngineState state;
    private final BatchSettings settings;
    private final long maxWaitNanos;
    private final long maxDelayNanos;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition more = lock.newCondition();
    private final Condition sweeping = lock.newCondition();
    private final Backlog backlog = new Backlog();
    private InferenceRequest gatheringFor;
    private long gatheringTarget;
    private int idle;
    private volatile int waiting;
    private boolean retired;
    private boolean closed;

    /**
     * Starts its threads.
     *
     * @param workers how many runs may go on at the same time, 1 or more
     */
    public BatchingEngine(EngineState state, int workers) {
        this.state = state;
        settings = state.settings();
        maxWaitNanos = settings.maxWait().toNanos();
        maxDelayNanos = settings.maxDelay().toNanos();
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().name("inference-" + i).daemon().start(this::work));
        }
        threads.add(Thread.ofPlatform().name("inference-deadlines").daemon().start(this::watchDeadlines));
    }

    /** What event loops that run requests themselves need to share with this engine. */
    public EngineState state() {
        return state;
    }

    /** Requests that wait. */
    public int queueLength() {
        return waiting;
    }

    @Override
    public void submit(InferenceRequest request, Completion completion) {
        long now = System.nanoTime();
        request.submitted(completion, now, maxWaitNanos);
        request.queue();
        Rejection rejection;
        List<Runnable> cancellations = new ArrayList<>(0);
        lock.lock();
        try {
            rejection = rejection(request);
            if (rejection != null && !closed && !retired) {
                // Perhaps it is full of what nobody wants any more.
                backlog.sweep(now, collector(cancellations));
                rejection = rejection(request);
            }
            if (rejection == null) {
                enqueue(request);
            }
        } finally {
            lock.unlock();
        }
        cancellations.forEach(Runnable::run);
        if (rejection != null) {
            refuse(request, rejection);
        }
    }

    private Rejection rejection(InferenceRequest request) {
        if (closed || retired) {
            return Rejection.CLOSED;
        }
        if (backlog.requests() >= settings.maxQueue()) {
            return Rejection.QUEUE_FULL;
        }
        if (!backlog.isEmpty() && backlog.bytes() + request.bytes() > settings.maxQueueBytes()) {
            return Rejection.QUEUE_BYTES;
        }
        return null;
    }

    private void enqueue(InferenceRequest request) {
        backlog.add(request);
        waiting = backlog.requests();
        if (gatheringFor == null) {
            if (idle > 0) {
                work.signal();
            }
        } else if (backlog.rows() >= gatheringTarget || !request.hasRowsLike(gatheringFor)) {
            more.signal();
        }
    }

    private void refuse(InferenceRequest request, Rejection rejection) {
        state.meters().rejected(rejection);
        String why =
                switch (rejection) {
                    case CLOSED -> "this server is about to end or to load another model";
                    case QUEUE_FULL -> "the queue is full (" + settings.maxQueue() + " requests wait)";
                    case QUEUE_BYTES -> "the queue is full (requests of " + settings.maxQueueBytes() + " bytes wait)";
                    case RATE_LIMIT, CLIENT_RATE_LIMIT ->
                        throw new IllegalArgumentException("no engine knows of rates");
                };
        Runner.fail(request, new RequestException(503, why + ": try again later", retryAfterSeconds(request)));
    }

    /** About when what waits now will have run. */
    private int retryAfterSeconds(InferenceRequest request) {
        double nanos = state.costs().expected(request.rowKey(), (long) settings.maxQueue() * request.submittedRows());
        double seconds = nanos / TimeUnit.SECONDS.toNanos(1) / (threads.size() - 1);
        return (int) Math.clamp(Math.ceil(seconds), 1, LONGEST_RETRY_SECONDS);
    }

    private void work() {
        InferenceRequest[] group = new InferenceRequest[Math.max(1, state.maxRows())];
        Patience patience = new Patience();
        List<Runnable> cancellations = new ArrayList<>();
        try (Runner runner = new Runner(state.model(), state)) {
            int count = next(group, patience, cancellations);
            while (count >= 0) {
                cancellations.forEach(Runnable::run);
                cancellations.clear();
                if (count > 0) {
                    long rows = rows(group, count);
                    runner.run(group, count);
                    patience.ended(System.nanoTime(), rows);
                }
                count = next(group, patience, cancellations);
            }
        } catch (InterruptedException e) {
            LOG.debug("a worker was interrupted", e);
            Thread.currentThread().interrupt();
        }
    }

    private static long rows(InferenceRequest[] group, int count) {
        long rows = 0;
        for (int i = 0; i < count; i++) {
            rows += group[i].submittedRows();
        }
        return rows;
    }

    /**
     * Waits for work.
     *
     * @return how many requests to run, −1 to end
     */
    private int next(InferenceRequest[] group, Patience patience, List<Runnable> cancellations)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (backlog.isEmpty() || (gatheringFor != null && !closed)) {
                if (closed || (retired && backlog.isEmpty())) {
                    return -1;
                }
                idle++;
                try {
                    work.await();
                } finally {
                    idle--;
                }
            }
            boolean together = state.togetherness().isAllowed();
            if (together) {
                gather(patience);
            }
            int count = backlog.take(group, state.maxRows(), together, System.nanoTime(), collector(cancellations));
            waiting = backlog.requests();
            if (!backlog.isEmpty() && idle > 0) {
                work.signal();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void gather(Patience patience) throws InterruptedException {
        gatheringFor = backlog.first();
        gatheringTarget = patience.target(state.maxRows());
        try {
            double saved = state.costs().fixed(gatheringFor.rowKey());
            long wait = patience.pause(System.nanoTime(), backlog.rows(), state.maxRows(), saved, maxDelayNanos);
            while (wait > 0 && !closed && !retired && backlog.rows() < gatheringTarget) {
                wait = more.awaitNanos(wait);
            }
        } finally {
            gatheringFor = null;
        }
    }

    private Backlog.Dropped collector(List<Runnable> cancellations) {
        return (request, reason) -> cancellations.add(() -> state.cancel(request, reason));
    }

    /** Answers those whose time is over while every worker is in a long run. */
    private void watchDeadlines() {
        List<Runnable> cancellations = new ArrayList<>();
        boolean open = true;
        while (open) {
            lock.lock();
            try {
                open = !closed && sweeping.awaitNanos(SWEEP.toNanos()) <= 0;
                backlog.sweep(System.nanoTime(), collector(cancellations));
                waiting = backlog.requests();
            } catch (InterruptedException e) {
                LOG.debug("the watch over deadlines was interrupted", e);
                Thread.currentThread().interrupt();
                open = false;
            } finally {
                lock.unlock();
            }
            cancellations.forEach(Runnable::run);
            cancellations.clear();
        }
    }

    /** Takes no more requests, runs those that wait, and then lets go of the model: for when another one took over. */
    public void retire() {
        lock.lock();
        try {
            retired = true;
            work.signalAll();
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Answers those who wait with 503 and ends; what is being run is finished. */
    @Override
    public void close() {
        List<InferenceRequest> left = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            InferenceRequest request = backlog.poll();
            while (request != null) {
                left.add(request);
                request = backlog.poll();
            }
            waiting = 0;
            work.signalAll();
            more.signalAll();
            sweeping.signalAll();
        } finally {
            lock.unlock();
        }
        left.forEach(request -> refuse(request, Rejection.CLOSED));
    }
}
