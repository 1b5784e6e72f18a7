package dev.tatara.operator.testing;

import dev.tatara.operator.config.OperatorSettings;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The operator's settings as a test wants them, read as in production. */
public final class TestSettings {
    private TestSettings() {}

    /** The defaults, as golden files have them: with an artifact store at an endpoint of its own, and an MLflow server. */
    public static OperatorSettings ofGoldenFiles() {
        return with(Map.of(
                "artifact-store.uri", "s3://tatara/prod",
                "artifact-store.endpoint", "http://s3.example.com:9000",
                "mlflow.tracking-uri", "http://mlflow.example.com:5000"));
    }

    /** The defaults, with {@code overrides} (keys below {@code tatara.operator.}) on top. */
    public static OperatorSettings with(Map<String, String> overrides) {
        var values = new HashMap<>(Map.of(
                "tatara.operator.image.runtime", "tatara.dev/runtime:dev",
                "tatara.operator.image.steps", "tatara.dev/steps:dev",
                "tatara.operator.artifact-store.uri", "s3://tatara"));
        overrides.forEach((key, value) -> values.put("tatara.operator." + key, value));
        return new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(OperatorSettings.class)
                .withSources(new PropertiesConfigSource(values, "test", 100))
                .build()
                .getConfigMapping(OperatorSettings.class);
    }
}
