package dev.tatara.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Writing probabilities as JSON: ours against Jackson's generator with its fast writer. */
@State(Scope.Thread)
public class WriteNumbers {
    @Param({"3", "256"})
    public int count;

    private final JsonBytes out = new JsonBytes();
    private final JsonFactory factory = new JsonFactoryBuilder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    private OnnxValue.Numbers numbers;

    @Setup(Level.Trial)
    public void fill() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        MemorySegment data = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT, count);
        for (int i = 0; i < count; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
        }
        numbers = new OnnxValue.Numbers(Datatype.FP32, new long[] {count}, data);
    }

    @Benchmark
    public int ours() {
        out.reset();
        Elements.write(numbers, 0, count, out);
        return out.size();
    }

    @Benchmark
    public int jacksonGenerator() throws IOException {
        stream.reset();
        try (JsonGenerator generator = factory.createGenerator(stream)) {
            generator.writeStartArray();
            for (int i = 0; i < count; i++) {
                generator.writeNumber(numbers.data().getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
            generator.writeEndArray();
        }
        return stream.size();
    }
}
