package dev.tatara.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.OnnxValue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One run from Java memory to Java values: by the Foreign Function API (ours) and by JNI (ONNX Runtime's own). */
@State(Scope.Thread)
public class Binding {
    @Param({"iris", "wide-32"})
    public String name;

    private OnnxRuntime runtime;
    private OnnxModel model;
    private OnnxCall call;
    private MemorySegment elements;
    private long[] shape;
    private int probabilities;

    private OrtEnvironment environment;
    private OrtSession session;
    private FloatBuffer buffer;
    private String input;

    @Setup(Level.Trial)
    public void load() throws IOException, OrtException {
        Case used = new Case(name);
        float[] floats = used.elements();
        shape = used.shape();
        runtime = OnnxRuntime.open();
        model = used.load(runtime);
        call = model.newCall();
        probabilities = model.outputs().size() - 1;
        elements = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, floats);

        environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        session = environment.createSession(used.file().toString(), options);
        input = model.inputs().getFirst().name();
        buffer = ByteBuffer.allocateDirect(floats.length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        buffer.put(floats).rewind();
    }

    @TearDown(Level.Trial)
    public void close() throws OrtException {
        call.close();
        model.close();
        runtime.close();
        session.close();
    }

    @Benchmark
    public float foreignFunctions() {
        call.input(0, elements, shape);
        call.run();
        OnnxValue.Numbers answer = (OnnxValue.Numbers) call.output(probabilities);
        return answer.data().getAtIndex(ValueLayout.JAVA_FLOAT, 0);
    }

    @Benchmark
    public float jni() throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, shape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            return ((OnnxTensor) result.get(probabilities)).getFloatBuffer().get(0);
        }
    }
}
