package dev.tatara.runtime.it;

import dev.tatara.runtime.it.Rounds.Round;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Clients with a connection each, who ask again when they have been answered. */
final class ClosedLoop implements AutoCloseable {
    private final List<Asker> askers = new ArrayList<>();
    private final ExecutorService threads;

    ClosedLoop(Asker.Opener opener, int port, int connections) throws IOException {
        threads = Executors.newFixedThreadPool(connections);
        for (int i = 0; i < connections; i++) {
            askers.add(opener.open(port));
        }
    }

    /**
     * Asks so often in all.
     *
     * @param cpuNanos what the pods have used of CPUs
     */
    Round measure(int requests, LongSupplier cpuNanos) throws Exception {
        long[] nanos = new long[requests];
        AtomicInteger next = new AtomicInteger();
        List<Callable<Void>> clients = new ArrayList<>();
        for (Asker asker : askers) {
            clients.add(() -> {
                for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                    long asked = System.nanoTime();
                    asker.ask();
                    nanos[i] = System.nanoTime() - asked;
                }
                return null;
            });
        }
        long cpu = cpuNanos.getAsLong();
        long began = System.nanoTime();
        List<Future<Void>> done = threads.invokeAll(clients);
        long took = System.nanoTime() - began;
        cpu = cpuNanos.getAsLong() - cpu;
        for (Future<Void> client : done) {
            client.get();
        }
        return Round.of(nanos, took, cpu);
    }

    @Override
    public void close() throws IOException {
        for (Asker asker : askers) {
            asker.close();
        }
        threads.shutdown();
    }
}
