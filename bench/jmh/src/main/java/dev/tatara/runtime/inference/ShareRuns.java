package dev.tatara.runtime.inference;

import dev.tatara.bench.Case;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.model.ServedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a request costs that runs alone, and one that shares a run with {@value #REQUESTS} others: its rows gathered with
 * theirs, the model run once, its own rows sliced out of the outputs. In the engine's package, whose parts are its own.
 */
@State(Scope.Thread)
public class ShareRuns {
    private static final int REQUESTS = 32;

    @Param({"iris", "digits", "wide"})
    private String name;

    private final InferenceRequest[] requests = new InferenceRequest[REQUESTS];
    private final InferenceRequest[] run = new InferenceRequest[REQUESTS];
    private OnnxRuntime runtime;
    private ServedModel model;
    private Runner runner;
    private InferenceEngine.Completion reading;

    @Setup(Level.Trial)
    public void load(Blackhole sink) throws IOException {
        Case served = new Case(name);
        runtime = OnnxRuntime.open();
        model = served.serve(runtime);
        Duration day = Duration.ofDays(1);
        runner = new Runner(
                model,
                new EngineState(
                        model,
                        new BatchSettings(REQUESTS, Duration.ZERO, REQUESTS, Long.MAX_VALUE, day),
                        EngineMeters.NONE));
        reading = new InferenceEngine.Completion() {
            @Override
            public void answered(InferenceRequest request, InferenceAnswer answer) {
                for (int i = 0; i < request.outputs().length; i++) {
                    sink.consume(((OnnxValue.Numbers) answer.output(i)).size());
                }
            }

            @Override
            public void failed(InferenceRequest request, RequestException failure) {
                throw new IllegalStateException(failure);
            }
        };
        for (int i = 0; i < REQUESTS; i++) {
            requests[i] = new InferenceRequest(model);
            for (float element : served.elements()) {
                requests[i].input(0).addFloat(element);
            }
            requests[i].input(0).setShape(served.shape(), served.shape().length);
            requests[i].submitted(reading, System.nanoTime(), day.toNanos());
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        Arrays.stream(requests).forEach(InferenceRequest::free);
        runner.close();
        model.close();
        runtime.close();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void alone() {
        for (InferenceRequest request : requests) {
            run[0] = request;
            runner.run(run, 1);
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void together() {
        System.arraycopy(requests, 0, run, 0, REQUESTS);
        runner.run(run, REQUESTS);
    }
}
