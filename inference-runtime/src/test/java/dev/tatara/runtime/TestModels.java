package dev.tatara.runtime;

import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.ModelFacts;
import dev.tatara.runtime.model.ServedModel;
import java.nio.file.Path;
import java.time.Duration;

/** The small models that libs/onnx is tested with. */
public final class TestModels {
    private static final OnnxRuntime RUNTIME = OnnxRuntime.open();

    private TestModels() {}

    public static Path path(String name) {
        return Path.of(System.getProperty("tatara.test.models"), name + ".onnx")
                .toAbsolutePath()
                .normalize();
    }

    /** Without a look at whether its rows may be run together. */
    public static ServedModel load(String name) {
        return load(name, ModelFacts.NONE);
    }

    public static ServedModel load(String name, ModelFacts facts) {
        return load(name, Batchability.impossible("not tried", Duration.ofNanos(10_000)), facts);
    }

    public static ServedModel load(String name, Batchability batchability) {
        return load(name, batchability, ModelFacts.NONE);
    }

    private static ServedModel load(String name, Batchability batchability, ModelFacts facts) {
        return new ServedModel(name, "1", "0".repeat(64), open(name), batchability, facts);
    }

    public static OnnxModel open(String name) {
        return RUNTIME.load(path(name), SessionSettings.singleThread());
    }
}
