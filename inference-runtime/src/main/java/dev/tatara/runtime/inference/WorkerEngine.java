package dev.tatara.runtime.inference;

import dev.tatara.runtime.model.ServedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jboss.logging.Logger;

/** Runs requests one by one on threads of its own, with a bounded queue before them. */
public final class WorkerEngine implements InferenceEngine, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkerEngine.class);

    private final BlockingQueue<Task> queue;
    private final List<Thread> threads = new ArrayList<>();
    private final Duration maxWait;
    private final ServedModel model;
    private volatile boolean closed;

    private record Task(InferenceRequest request, Completion completion, long submittedNanos) {}

    public WorkerEngine(ServedModel model, int workers, int maxQueue, Duration maxWait) {
        this.model = model;
        this.maxWait = maxWait;
        queue = new ArrayBlockingQueue<>(maxQueue);
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().name("inference-" + i).daemon().start(this::work));
        }
    }

    /** Requests that wait. */
    public int queueLength() {
        return queue.size();
    }

    @Override
    public void submit(InferenceRequest request, Completion completion) {
        long now = System.nanoTime();
        request.setDeadlineNanos(now + maxWait.toNanos());
        if (closed || !queue.offer(new Task(request, completion, now))) {
            completion.failed(
                    request,
                    new RequestException(
                            503, "the queue is full (" + queue.size() + " requests wait): try again later"));
        }
    }

    private void work() {
        try (Runner runner = new Runner(model)) {
            while (!closed) {
                Task task = queue.take();
                run(runner, task);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Runner runner, Task task) {
        long now = System.nanoTime();
        if (task.request.isAbandoned()) {
            task.completion.failed(task.request, new RequestException(499, "the client is gone"));
        } else if (now - task.request.deadlineNanos() > 0) {
            task.completion.failed(
                    task.request,
                    new RequestException(504, "waited longer than " + maxWait.toMillis() + " ms for its turn"));
        } else {
            try {
                runner.run(task.request, now - task.submittedNanos, task.completion);
            } catch (RuntimeException e) {
                LOG.error("a request could not be answered", e);
                task.completion.failed(task.request, new RequestException(500, "the server failed: its log says why"));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
