package dev.tatara.runtime.it;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.features.writer.OnlineWriter;
import dev.tatara.features.writer.WriterSettings;
import dev.tatara.runtime.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Redis with the measures of flowers in it, and what a pod is given to look them up. */
final class OnlineStore implements AutoCloseable {
    /** Views of the columns of the model iris: a and b by plant; c and d by plant and garden, for a day. */
    static final String VIEWS = """
            {"views": [
              {"name": "sepals", "project": "flora", "store": "redis",
               "joinKeys": [{"name": "plant", "type": "INT64"}],
               "features": [{"name": "a", "type": "DOUBLE", "default": "5.0"}, {"name": "b", "type": "FLOAT"},
                            {"name": "note", "type": "STRING"}]},
              {"name": "petals", "project": "flora", "store": "redis", "ttl": "PT24H",
               "joinKeys": [{"name": "plant", "type": "INT64"}, {"name": "garden", "type": "STRING"}],
               "features": [{"name": "c", "type": "DOUBLE", "default": "1.4"}, {"name": "d", "type": "INT64", "default": "0"}]}]}
            """;

    private static final OnlineView SEPALS = new OnlineView(
            "flora",
            "sepals",
            List.of(new JoinKey("plant", FeatureType.INT64)),
            List.of(
                    new OnlineFeature("a", FeatureType.DOUBLE),
                    new OnlineFeature("b", FeatureType.FLOAT),
                    new OnlineFeature("note", FeatureType.STRING)),
            Duration.ZERO);
    private static final OnlineView PETALS = new OnlineView(
            "flora",
            "petals",
            List.of(new JoinKey("plant", FeatureType.INT64), new JoinKey("garden", FeatureType.STRING)),
            List.of(new OnlineFeature("c", FeatureType.DOUBLE), new OnlineFeature("d", FeatureType.INT64)),
            Duration.ofHours(24));

    final RedisServer redis;
    private final Path folder;

    OnlineStore(Path folder, String... options) throws Exception {
        this.folder = folder;
        redis = RedisServer.startWith(options);
        redis.writeSecret(folder.resolve("redis"));
        Files.writeString(folder.resolve("features.json"), VIEWS);
    }

    /** Plants 1 (a setosa), 2 (a virginica), 3 (its b is null), 4 (its petals are from the day before yesterday). */
    OnlineStore fill() throws Exception {
        var access = RedisAccess.of("127.0.0.1", redis.port());
        var now = Instant.now();
        try (var sepals = OnlineWriter.open(access, SEPALS, WriterSettings.defaults());
                var petals = OnlineWriter.open(access, PETALS, WriterSettings.defaults())) {
            sepals.write(new Object[] {1L}, now, new Object[] {5.1, 3.5f, "small"});
            sepals.write(new Object[] {2L}, now, new Object[] {6.3, 3.3f, "large"});
            sepals.write(new Object[] {3L}, now, new Object[] {5.1, null, null});
            sepals.write(new Object[] {4L}, now, new Object[] {6.3, 3.3f, null});
            petals.write(new Object[] {1L, "north"}, now, new Object[] {1.4, 0L});
            petals.write(new Object[] {2L, "north"}, now, new Object[] {6.0, 3L});
            petals.write(new Object[] {3L, "north"}, now, new Object[] {1.4, 0L});
            petals.write(new Object[] {4L, "north"}, now.minus(Duration.ofDays(2)), new Object[] {6.0, 3L});
            sepals.finish();
            petals.finish();
        }
        return this;
    }

    /** Environment of a server of the model iris that looks its columns up. */
    Map<String, String> environment(String... more) {
        var environment = new HashMap<>(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_MODEL_FEATURES", "a,b,c,d",
                "TATARA_RUNTIME_FEATURES_FILE", folder.resolve("features.json").toString(),
                "TATARA_RUNTIME_FEATURES_CREDENTIALS_DIR", folder.toString(),
                // Tests run on machines that are busy with others.
                "TATARA_RUNTIME_FEATURES_TIMEOUT", "5s"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    @Override
    public void close() {
        redis.close();
    }
}
