package dev.tatara.runtime.lifecycle;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Waits for the reason to end. SIGTERM is taken from the JVM, which would start its shutdown hooks at once and end with
 * 143; a drained server ends with 0.
 */
public final class StopSignal {
    private final CountDownLatch latch = new CountDownLatch(1);
    private final AtomicReference<Reason> reason = new AtomicReference<>();

    /** Why the process ends. */
    public sealed interface Reason {
        /** Kubernetes, or whoever runs the process, wants it gone: drain. */
        record Terminate() implements Reason {}

        /** Somebody pressed Ctrl-C: don't keep them waiting. */
        record Interrupt() implements Reason {}

        /** There is nothing left to do. */
        record Done() implements Reason {}

        /** It can't go on; the message is one line for people. */
        record Failed(String message) implements Reason {}
    }

    public void install() {
        handle("TERM", new Reason.Terminate());
        handle("INT", new Reason.Interrupt());
    }

    /** By reflection: javac warns of sun.misc.Signal in a way that no annotation silences, and nothing supported can do it. */
    private void handle(String name, Reason why) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> {
                        stop(why);
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this Java cannot handle signals: the module jdk.unsupported is missing", e);
        }
    }

    /** The first reason counts. */
    public void stop(Reason why) {
        reason.compareAndSet(null, why);
        latch.countDown();
    }

    public Reason await() throws InterruptedException {
        latch.await();
        return reason.get();
    }
}
