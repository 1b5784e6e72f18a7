package dev.tatara.bench;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a run of a small model costs on the thread that it is asked for on, and what it costs to hand it to another thread
 * and back, with {@value #IN_FLIGHT} requests in flight. The benchmark's thread plays the event loop: it waits in its
 * queue for what others hand back. On one core the time is the CPU time of all threads.
 */
@State(Scope.Thread)
public class WhereToRun {
    private static final int IN_FLIGHT = 8;

    private final ConcurrentLinkedQueue<OnnxCall> calls = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<OnnxCall> handedBack = new LinkedBlockingQueue<>();
    private OnnxRuntime runtime;
    private OnnxModel model;
    private MemorySegment elements;
    private long[] shape;
    private ExecutorService worker;
    private ExecutorService virtual;

    @Setup(Level.Trial)
    public void load() throws IOException {
        Case iris = new Case("iris");
        runtime = OnnxRuntime.open();
        model = iris.load(runtime);
        elements = Arena.ofShared().allocateFrom(ValueLayout.JAVA_FLOAT, iris.elements());
        shape = iris.shape();
        for (int i = 0; i < IN_FLIGHT; i++) {
            calls.add(model.newCall());
        }
        worker = Executors.newSingleThreadExecutor();
        virtual = Executors.newVirtualThreadPerTaskExecutor();
    }

    @TearDown(Level.Trial)
    public void close() {
        worker.close();
        virtual.close();
        calls.forEach(OnnxCall::close);
        model.close();
        runtime.close();
    }

    private OnnxCall run() {
        OnnxCall call = calls.remove();
        call.input(0, elements, shape);
        call.run();
        return call;
    }

    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void onTheEventLoop() {
        for (int i = 0; i < IN_FLIGHT; i++) {
            calls.add(run());
        }
    }

    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void onAWorkerAndBack() throws InterruptedException {
        onAndBack(worker);
    }

    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void onAVirtualThreadAndBack() throws InterruptedException {
        onAndBack(virtual);
    }

    private void onAndBack(ExecutorService elsewhere) throws InterruptedException {
        for (int i = 0; i < IN_FLIGHT; i++) {
            elsewhere.execute(() -> handedBack.add(run()));
        }
        for (int i = 0; i < IN_FLIGHT; i++) {
            calls.add(handedBack.take());
        }
    }
}
