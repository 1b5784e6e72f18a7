package dev.tatara.bench;

import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.RunCost;
import dev.tatara.runtime.model.ServedModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.StringJoiner;

/** A model of bench/serving whose input are floats, and the first request to it. */
public final class Case {
    private static final Path FOLDER = Path.of(System.getProperty("tatara.bench.cases"));

    private final String name;
    private final int rows;

    /** @param name as bench/serving names it, with the rows of a request after a hyphen if it is more than one */
    public Case(String name) {
        this.name = name;
        int hyphen = name.indexOf('-');
        rows = hyphen < 0 ? 1 : Integer.parseInt(name.substring(hyphen + 1));
    }

    private String model() {
        return rows == 1 ? name : name.substring(0, name.indexOf('-'));
    }

    Path file() {
        return FOLDER.resolve(model() + ".onnx");
    }

    public float[] elements() throws IOException {
        FloatBuffer raw = ByteBuffer.wrap(Files.readAllBytes(FOLDER.resolve(name + ".raw")))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] elements = new float[raw.remaining()];
        raw.get(elements);
        return elements;
    }

    public long[] shape() throws IOException {
        return new long[] {rows, elements().length / rows};
    }

    OnnxModel load(OnnxRuntime runtime) {
        return runtime.load(file(), SessionSettings.singleThread());
    }

    public ServedModel serve(OnnxRuntime runtime) {
        Batchability batchability = Batchability.possible(RunCost.ofOneRow(Duration.ofNanos(10_000)));
        return new ServedModel(model(), "1", "0".repeat(64), load(runtime), batchability);
    }

    /** The request as V2 JSON. */
    byte[] body(String input) throws IOException {
        StringJoiner data = new StringJoiner(", ", "[", "]");
        for (float element : elements()) {
            data.add(Float.toString(element));
        }
        long[] shape = shape();
        return """
                {"id": "1", "inputs": [{"name": "%s", "shape": [%d, %d], "datatype": "FP32", "data": %s}]}""".formatted(input, shape[0], shape[1], data).getBytes(StandardCharsets.UTF_8);
    }
}
