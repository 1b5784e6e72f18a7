package dev.tatara.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.v2.V2RequestReader;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reading a request: ours against what Jackson would do by itself with the same fast float parser. */
@State(Scope.Thread)
public class ReadV2Json {
    @Param({"iris", "wide", "wide-32"})
    public String name;

    private final V2RequestReader reader = new V2RequestReader(new Json());
    private final JsonMapper mapper = JsonMapper.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private final ObjectReader typed = mapper.readerFor(Request.class);
    private OnnxRuntime runtime;
    private ServedModel model;
    private InferenceRequest request;
    private byte[] body;

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Request(String id, List<Input> inputs) {}

    @SuppressWarnings("ArrayRecordComponent") // As one would write it to be fast.
    record Input(String name, long[] shape, String datatype, float[] data) {}

    @Setup(Level.Trial)
    public void load() throws IOException {
        runtime = OnnxRuntime.open();
        Case used = new Case(name);
        model = used.serve(runtime);
        request = new InferenceRequest(model);
        body = used.body(model.inputs().getFirst().name());
    }

    @TearDown(Level.Trial)
    public void close() {
        request.free();
        model.close();
        runtime.close();
    }

    /** As served: straight into native memory. */
    @Benchmark
    public InferenceRequest ours() throws RequestException {
        request.reset();
        reader.read(body, 0, body.length, request);
        return request;
    }

    @Benchmark
    public Request jacksonRecords() throws IOException {
        return typed.readValue(body);
    }

    @Benchmark
    public JsonNode jacksonTree() throws IOException {
        return mapper.readTree(body);
    }
}
