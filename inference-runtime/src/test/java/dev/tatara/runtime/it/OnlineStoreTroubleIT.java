package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.features.testing.RedisServer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol.Command;

/** The online store goes, comes, hangs and refuses: requests that need it are told so, the others go on. */
class OnlineStoreTroubleIT {
    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String BY_KEY = "{\"plant\": 2, \"garden\": \"north\"}";
    private static final String BY_FEATURES = "[6.3, 3.3, 6, 2.5]";

    @TempDir
    private Path folder;

    private static HttpResponse<String> predict(ServerProcess server, String body) throws Exception {
        return server.post("/predict", body);
    }

    private static void awaitAnswer(ServerProcess server, int status, String words) {
        Awaitility.await().atMost(GENEROUS).untilAsserted(() -> {
            HttpResponse<String> answer = predict(server, BY_KEY);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
            assertThat(answer.body()).contains(words);
        });
    }

    private static void assertGoesOn(ServerProcess server) throws Exception {
        assertThat(predict(server, BY_FEATURES).statusCode()).isEqualTo(200);
        assertThat(server.isUp("/health/ready")).isTrue();
    }

    @Test
    void redisGoesAndComes() throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill();
                ServerProcess server = ServerProcess.start(store.environment())) {
            awaitAnswer(server, 200, "\"prediction\":2");
            store.redis.stop();
            awaitAnswer(server, 503, "features can't be looked up: Redis at redis://127.0.0.1:" + store.redis.port());
            assertThat(predict(server, BY_KEY).headers().firstValue("Retry-After"))
                    .hasValue("1");
            assertGoesOn(server);

            store.redis.start();
            store.fill();
            awaitAnswer(server, 200, "\"prediction\":2");
            assertThat(server.log()).contains("features can be looked up again").doesNotContain("ERROR");
        }
    }

    @Test
    void aPodStartsWithoutRedis() throws Exception {
        try (OnlineStore store = new OnlineStore(folder)) {
            store.redis.stop();
            try (ServerProcess server = ServerProcess.start(store.environment())) {
                awaitAnswer(server, 503, "can't be looked up");
                assertGoesOn(server);
                store.redis.start();
                store.fill();
                awaitAnswer(server, 200, "\"prediction\":2");
            }
        }
    }

    @Test
    void redisHangs() throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill();
                ServerProcess server =
                        ServerProcess.start(store.environment("TATARA_RUNTIME_FEATURES_TIMEOUT", "200ms"))) {
            awaitAnswer(server, 200, "\"prediction\":2");
            // It reads commands and answers none.
            store.redis.command(Command.CLIENT, "PAUSE", 30_000, "ALL");
            HttpResponse<String> late = predict(server, BY_KEY);
            assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
            assertThat(late.body()).contains("not found within 200 ms").contains("spec.features.timeout");
            assertGoesOn(server);
            // The connection is given up, and no other comes to be.
            awaitAnswer(server, 503, "no answer within 2 s");
            assertGoesOn(server);
            awaitAnswer(server, 200, "\"prediction\":2");
            assertThat(server.admin("/metrics").body())
                    .containsPattern("feature_lookup_failures_total\\{reason=\"timeout\"} [1-9]");
        }
    }

    @Test
    void aPasswordThatIsWrongIsSaidAndMendedByTheSecret() throws Exception {
        try (OnlineStore store = new OnlineStore(folder, "--requirepass", "s3cret/word")) {
            Path secret = folder.resolve("redis");
            try (ServerProcess server = ServerProcess.start(store.environment())) {
                awaitAnswer(server, 503, "NOAUTH");
                RedisServer.writeSecret(secret, Map.of("password", "another"));
                awaitAnswer(server, 503, "WRONGPASS");
                RedisServer.writeSecret(secret, Map.of("password", "s3cret/word"));
                awaitAnswer(server, 422, "NOT_FOUND");
                assertThat(server.log()).doesNotContain("s3cret", "another");
            }
        }
    }

    @Test
    void aSecretThatIsMissingIsNamed() throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill()) {
            Files.delete(folder.resolve("redis").resolve("url"));
            try (ServerProcess server = ServerProcess.start(store.environment())) {
                awaitAnswer(server, 503, "in Secret redis");
                assertGoesOn(server);
                store.redis.writeSecret(folder.resolve("redis"));
                awaitAnswer(server, 200, "\"prediction\":2");
            }
        }
    }

    @Test
    void oneKeyThatIsNoHashIsNotTheOthersFault() throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill();
                ServerProcess server = ServerProcess.start(store.environment())) {
            awaitAnswer(server, 200, "\"prediction\":2");
            var keys = (java.util.List<?>) store.redis.command(Command.KEYS, "*");
            for (Object key : keys) {
                store.redis.command(Command.DEL, key);
                store.redis.command(Command.SET, key, "no hash");
            }
            awaitAnswer(server, 503, "a key of the project is no hash");
            HttpResponse<String> other = predict(server, "{\"plant\": 5, \"garden\": \"north\"}");
            assertThat(other.statusCode()).as(other.body()).isEqualTo(422);
        }
    }

    @Test
    void whatIsMissingIsFilledInWhereThatIsWanted() throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill();
                ServerProcess byDefault =
                        ServerProcess.start(store.environment("TATARA_RUNTIME_FEATURES_ON_MISSING", "default"));
                ServerProcess byNull =
                        ServerProcess.start(store.environment("TATARA_RUNTIME_FEATURES_ON_MISSING", "null"))) {
            // Petals outside their time to live: their defaults are a setosa's.
            String old = "{\"plant\": 4, \"garden\": \"north\"}";
            assertThat(predict(byDefault, old).statusCode()).isEqualTo(200);
            assertThat(predict(byNull, old).statusCode()).isEqualTo(200);
            // Without a default it is still missing.
            HttpResponse<String> none = predict(byDefault, "{\"plant\": 3, \"garden\": \"north\"}");
            assertThat(none.statusCode()).isEqualTo(422);
            assertThat(none.body()).contains("sepals:b");
            assertThat(predict(byNull, "{\"plant\": 3, \"garden\": \"north\"}").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aModelThatTakesNoneOfTheFeaturesIsNotServed() throws Exception {
        try (OnlineStore store = new OnlineStore(folder)) {
            try (ServerProcess server = ServerProcess.launch(store.environment("TATARA_RUNTIME_MODEL_FEATURES", ""))) {
                assertThat(server.awaitExit()).isEqualTo(1);
                assertThat(server.log()).contains("none of the views has one that the model takes", "spec.signature");
            }
            Files.writeString(folder.resolve("features.json"), OnlineStore.VIEWS.replace("\"INT64\"}]", "\"INT66\"}]"));
            try (ServerProcess server = ServerProcess.launch(store.environment())) {
                assertThat(server.awaitExit()).isEqualTo(1);
                assertThat(server.log())
                        .contains("tatara.runtime.features.file")
                        .contains("INT66");
            }
        }
    }
}
