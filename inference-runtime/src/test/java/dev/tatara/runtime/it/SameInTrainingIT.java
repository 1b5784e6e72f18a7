package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.runtime.TestModels;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One view, materialized by the step as it is shipped. What its point-in-time join gives for training, and what a pod looks
 * up for serving, are the same values, for every type.
 */
class SameInTrainingIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int USERS = 500;

    /** Every scalar that a model may take has an input of its name in the model. */
    private static final Map<String, String> MODEL_FEATURES = new LinkedHashMap<>();

    /** What a model can't take, or not in this model. */
    private static final Map<String, String> OTHER_FEATURES = new LinkedHashMap<>();

    /** How rows of a user, i, are made; every 7th value of the others is absent. */
    private static final Map<String, String> SQL = new LinkedHashMap<>();

    static {
        model("fp32", "FLOAT", "(hash(i) % 1000003 / 997.0)::float");
        model("fp64", "DOUBLE", "hash(i, 2) / 3.0 - 1e18");
        model("int8", "INT32", "(hash(i, 3) % 256)::int - 128");
        model("int16", "INT32", "(hash(i, 4) % 65536)::int - 32768");
        model("int32", "INT32", "(hash(i, 5) % 4294967296 - 2147483648::hugeint)::int");
        model("int64", "INT64", "(hash(i, 6)::hugeint - 9223372036854775808::hugeint)::bigint");
        model("uint8", "INT32", "(hash(i, 7) % 256)::int");
        model("uint16", "INT32", "(hash(i, 8) % 65536)::int");
        model("uint32", "INT64", "(hash(i, 9) % 4294967296)::bigint");
        model("uint64", "INT64", "(hash(i, 10) % 9223372036854775808)::bigint");
        model("bool", "BOOL", "hash(i, 11) % 2 = 0");
        model("string", "STRING", "case when i % 11 = 0 then '' else 'grüße ' || i || chr(128640) end");
        other("a_bytes", "BYTES", "encode('b' || i)");
        other("a_time", "UNIX_TIMESTAMP", "timestamptz '1999-12-31 23:59:59.9+00' + i * interval 1001 second");
        other("sometimes", "DOUBLE", "i / 7.0");
        other("string_list", "STRING_LIST", "['a' || i, 'ä', '']");
        other("int32_list", "INT32_LIST", "[i::int, -1::int]");
        other("int64_list", "INT64_LIST", "[i, 9223372036854775807 - i]");
        other("float_list", "FLOAT_LIST", "[(i / 3.0)::float, 0.1::float]");
        other("double_list", "DOUBLE_LIST", "[i / 3.0, 0.1::double, -1e300]");
        other("bool_list", "BOOL_LIST", "[i % 2 = 0, true]");
        other("time_list", "UNIX_TIMESTAMP_LIST", "[timestamptz '2026-01-01 00:00:00+00' + i * interval 1 second]");
        other("bytes_list", "BYTES_LIST", "[encode('x' || i), encode('')]");
    }

    private static void model(String name, String type, String sql) {
        MODEL_FEATURES.put(name, type);
        SQL.put(name, sql);
    }

    private static void other(String name, String type, String sql) {
        OTHER_FEATURES.put(name, type);
        SQL.put(name, "case when i % 7 = 3 then null else " + sql + " end");
    }

    @TempDir
    private static Path folder;

    private static RedisServer redis;
    private static ServerProcess server;
    private static final Map<Long, Map<String, JsonNode>> TRAINING = new LinkedHashMap<>();

    @BeforeAll
    static void materializeAndJoin() throws Exception {
        redis = RedisServer.startWith();
        var secret = redis.writeSecret(folder.resolve("redis"));
        var columns = new ArrayList<String>();
        SQL.forEach((name, sql) -> columns.add(sql + " as \"" + name + "\""));
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                var statement = duckdb.createStatement()) {
            // The newest of three rows counts, and it isn't the last one.
            statement.execute("copy (select user_id, seen_at, " + String.join(", ", columns)
                    + " from (select u as user_id, u * 3 + n as i,"
                    + " timestamptz '2026-01-01 00:00:00.123456+00' + ((n * 2) % 3) * interval 1 hour as seen_at"
                    + " from range(" + USERS + ") a(u), range(3) b(n))) to '" + folder.resolve("raw.parquet") + "'");
            statement.execute("copy (select u as user_id, timestamptz '2026-01-02 00:00:00+00' as event_timestamp"
                    + " from range(" + USERS + ") a(u)) to '" + folder.resolve("entities.parquet") + "'");
            step(
                    "materialize",
                    "--view",
                    Files.writeString(folder.resolve("view.yaml"), view()).toString(),
                    "--store",
                    "file://" + folder.resolve("store"),
                    "--end",
                    "2026-01-02T00:00:00Z",
                    "--redis-credentials",
                    secret.toString());
            step(
                    "join",
                    "--entities",
                    "file://" + folder.resolve("entities.parquet"),
                    "--view",
                    folder.resolve("view.yaml").toString(),
                    "--store",
                    "file://" + folder.resolve("store"),
                    "--output",
                    "file://" + folder.resolve("dataset"));
            read(duckdb);
        }
        Files.writeString(folder.resolve("features.json"), features());
        server = ServerProcess.start(Map.of(
                "MODEL_URI", TestModels.path("every-typed").toUri().toString(),
                "TATARA_RUNTIME_FEATURES_FILE", folder.resolve("features.json").toString(),
                "TATARA_RUNTIME_FEATURES_CREDENTIALS_DIR", folder.toString(),
                "TATARA_RUNTIME_FEATURES_TIMEOUT", "5s"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        redis.close();
    }

    private static Map<String, String> features(boolean all) {
        var features = new LinkedHashMap<>(MODEL_FEATURES);
        if (all) {
            features.putAll(OTHER_FEATURES);
        }
        return features;
    }

    private static String view() {
        var features = new StringBuilder();
        features(true).forEach((name, type) -> features.append("    - {name: %s, type: %s}%n".formatted(name, type)));
        return """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: FeatureView
                metadata: {name: every-type, namespace: shop}
                spec:
                  entities: [{name: user, joinKey: user_id, type: INT64}]
                  features:
                %s  source: {uri: 'file://%s', timestampColumn: seen_at}
                  online: {enabled: true, redis: {secretRef: {name: redis}}}
                """.formatted(features, folder.resolve("raw.parquet"));
    }

    private static String features() {
        ObjectNode view = JSON.createObjectNode()
                .put("name", "every-type")
                .put("project", "shop")
                .put("store", "redis");
        view.putArray("joinKeys").addObject().put("name", "user_id").put("type", "INT64");
        ArrayNode features = view.putArray("features");
        features(true)
                .forEach((name, type) -> features.addObject().put("name", name).put("type", type));
        ObjectNode file = JSON.createObjectNode();
        file.putArray("views").add(view);
        return file.toString();
    }

    private static void step(String... arguments) throws Exception {
        Path jar = Path.of(System.getProperty("tatara.test.steps"));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException("expected the packaged steps at " + jar
                    + ", found none: run ./mvnw package -pl pipeline-steps -am -DskipTests");
        }
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of("--termination-message", folder.resolve("message").toString()));
        Path log = folder.resolve("step.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    private static void read(Connection duckdb) throws SQLException {
        try (var statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select * from '" + folder.resolve("dataset/dataset.parquet") + "' order by user_id")) {
            while (rows.next()) {
                Map<String, JsonNode> values = new LinkedHashMap<>();
                for (String name : features(true).keySet()) {
                    values.put(name, JSON.valueToTree(plain(rows.getObject(name))));
                }
                TRAINING.put(rows.getLong("user_id"), values);
            }
        }
        assertThat(TRAINING).hasSize(USERS);
    }

    /** As the feature server writes it. */
    private static Object plain(Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Blob blob -> Base64.getEncoder().encodeToString(blob.getBytes(1, (int) blob.length()));
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case OffsetDateTime time -> Math.floorDiv(time.toInstant().toEpochMilli(), 1000L);
            case java.sql.Timestamp time -> Math.floorDiv(time.getTime(), 1000L);
            case Instant time -> time.getEpochSecond();
            case Float number -> number.doubleValue();
            case java.sql.Array array -> {
                var elements = new ArrayList<>();
                for (Object element : Arrays.asList((Object[]) array.getArray())) {
                    elements.add(plain(element));
                }
                yield elements;
            }
            default -> value;
        };
    }

    private static JsonNode post(String path, JsonNode body) throws Exception {
        HttpResponse<String> answer = server.post(path, body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    @Test
    void aModelIsFedWhatItWasTrainedWith() throws Exception {
        ObjectNode request = JSON.createObjectNode();
        ObjectNode key =
                request.putArray("inputs").addObject().put("name", "user_id").put("datatype", "INT64");
        key.putArray("shape").add(USERS);
        ArrayNode users = key.putArray("data");
        TRAINING.keySet().forEach(users::add);
        JsonNode answer = post("/v2/models/every-typed/infer", request);

        assertThat(answer.get("outputs")).hasSize(MODEL_FEATURES.size());
        for (JsonNode output : answer.get("outputs")) {
            String name = output.get("name").asText().replace("_out", "");
            int row = 0;
            for (Map.Entry<Long, Map<String, JsonNode>> expected : TRAINING.entrySet()) {
                JsonNode value = output.get("data").get(row++);
                JsonNode trained = expected.getValue().get(name);
                String where = name + " of user " + expected.getKey();
                if (name.equals("fp32")) {
                    assertThat(Float.parseFloat(value.asText())).as(where).isEqualTo((float) trained.asDouble());
                } else if (name.equals("fp64")) {
                    assertThat(value.asDouble()).as(where).isEqualTo(trained.asDouble());
                } else {
                    assertThat(value.asText()).as(where).isEqualTo(trained.asText());
                }
            }
        }
    }

    @Test
    void whoAsksForFeaturesIsGivenWhatTrainingWas() throws Exception {
        ObjectNode request = JSON.createObjectNode();
        ArrayNode names = request.putArray("features");
        features(true).keySet().forEach(name -> names.add("every-type:" + name));
        ArrayNode users = request.putObject("entities").putArray("user_id");
        TRAINING.keySet().forEach(users::add);
        JsonNode answer = post("/get-online-features", request);

        int column = 1;
        for (Map.Entry<String, String> feature : features(true).entrySet()) {
            String name = feature.getKey();
            assertThat(answer.at("/metadata/feature_names/" + column).asText()).isEqualTo(name);
            JsonNode result = answer.at("/results/" + column++);
            int row = 0;
            for (Map.Entry<Long, Map<String, JsonNode>> expected : TRAINING.entrySet()) {
                String where = name + " of user " + expected.getKey();
                JsonNode value = result.get("values").get(row);
                JsonNode trained = expected.getValue().get(name);
                if (feature.getValue().startsWith("FLOAT") || feature.getValue().startsWith("DOUBLE")) {
                    assertThat(JSON.convertValue(value, Object.class))
                            .as(where)
                            .isEqualTo(JSON.convertValue(trained, Object.class));
                } else {
                    assertThat(value.toString()).as(where).isEqualTo(trained.toString());
                }
                assertThat(result.get("statuses").get(row++).asText())
                        .as(where)
                        .isEqualTo(trained.isNull() ? "NULL_VALUE" : "PRESENT");
            }
        }
    }
}
