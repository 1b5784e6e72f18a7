package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.testing.CachedPython;
import dev.tatara.testing.LocalServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Feast's own feature server (src/test/feast/server.py, in the Python that {@code hack/tools feast} installs) and ours, alone
 * and without a model, on the same Redis: what one answers the other does.
 */
class FeastServerIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration GENEROUS = Duration.ofMinutes(5);
    private static final String PATH = "/get-online-features";
    private static final String VIEWS = """
            {"views": [
              {"name": "every_type", "project": "interop", "store": "redis", "ttl": "PT8760H",
               "joinKeys": [{"name": "user_id", "type": "INT64"}],
               "features": [{"name": "a_string", "type": "STRING"}, {"name": "an_int32", "type": "INT32"},
                 {"name": "an_int64", "type": "INT64"}, {"name": "a_float", "type": "FLOAT"},
                 {"name": "a_double", "type": "DOUBLE"}, {"name": "a_bool", "type": "BOOL"},
                 {"name": "a_time", "type": "UNIX_TIMESTAMP"}, {"name": "string_list", "type": "STRING_LIST"},
                 {"name": "int32_list", "type": "INT32_LIST"}, {"name": "int64_list", "type": "INT64_LIST"},
                 {"name": "float_list", "type": "FLOAT_LIST"}, {"name": "double_list", "type": "DOUBLE_LIST"},
                 {"name": "bool_list", "type": "BOOL_LIST"}, {"name": "time_list", "type": "UNIX_TIMESTAMP_LIST"}]},
              {"name": "by_two", "project": "interop", "store": "redis",
               "joinKeys": [{"name": "user_id", "type": "INT64"}, {"name": "country", "type": "STRING"}],
               "features": [{"name": "visits", "type": "INT64"}, {"name": "a_double", "type": "DOUBLE"}]}]}
            """;

    @TempDir
    private static Path folder;

    private static RedisServer redis;
    private static LocalServer feast;
    private static ServerProcess ours;
    /** Feast's server takes no offer of HTTP/2. */
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void start() throws Exception {
        redis = RedisServer.startWith();
        redis.writeSecret(folder.resolve("redis"));
        Files.writeString(folder.resolve("features.json"), VIEWS);
        feast = LocalServer.named("Feast");
        ProcessBuilder server = CachedPython.command(
                "feast",
                Path.of(System.getProperty("tatara.test.feast"), "server.py").toString(),
                Integer.toString(redis.port()),
                folder.toString(),
                Integer.toString(feast.port()));
        server.environment().put("FEAST_USAGE", "False");
        feast.start(server, GENEROUS, FeastServerIT::feastAnswers);
        ours = ServerProcess.start(Map.of(
                "TATARA_RUNTIME_FEATURES_FILE", folder.resolve("features.json").toString(),
                "TATARA_RUNTIME_FEATURES_CREDENTIALS_DIR", folder.toString(),
                "TATARA_RUNTIME_FEATURES_TIMEOUT", "5s"));
    }

    @AfterAll
    static void stop() throws Exception {
        ours.close();
        feast.close();
        redis.close();
    }

    private static boolean feastAnswers() {
        try {
            return feast("{\"features\": [\"by_two:visits\"], \"entities\": {\"user_id\": [1], \"country\": [\"DE\"]}}")
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> feast(String body) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + feast.port() + PATH))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'features': ['every_type:a_string', 'every_type:an_int32', 'every_type:an_int64', 'every_type:a_float',"
                        + " 'every_type:a_double', 'every_type:a_bool', 'every_type:a_time', 'every_type:string_list',"
                        + " 'every_type:int32_list', 'every_type:int64_list', 'every_type:float_list',"
                        + " 'every_type:double_list', 'every_type:bool_list', 'every_type:time_list'],"
                        + " 'entities': {'user_id': [1, 2, 3, 4, 1]}}",
                "{'features': ['by_two:visits', 'every_type:an_int64'], 'full_feature_names': true,"
                        + " 'entities': {'country': ['JP', 'DE', '??'], 'user_id': [1, 1, 2]}}",
                "{'features': ['every_type:a_double', 'by_two:visits', 'every_type:a_bool', 'by_two:a_double'],"
                        + " 'full_feature_names': true, 'entities': {'user_id': [1], 'country': ['DE'], 'other': [7]}}",
                "{'features': ['by_two:visits'], 'feature_service': null, 'full_feature_names': false,"
                        + " 'entities': {'user_id': [1], 'country': ['JP']}, 'include_feature_view_version_metadata': false}"
            })
    void answersAreTheSame(String quoted) throws Exception {
        String body = quoted.replace('\'', '"');
        JsonNode theirs = JSON.readTree(feast(body).body());
        HttpResponse<String> answer = ours.post(PATH, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode found = JSON.readTree(answer.body());

        assertThat(found.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(theirs::fieldNames);
        // Feast's server has the features of a view in the order of a set.
        Map<String, JsonNode> expectedColumns = columns(theirs);
        assertThat(columns(found).keySet()).containsExactlyInAnyOrderElementsOf(expectedColumns.keySet());
        for (Map.Entry<String, JsonNode> theirColumn : expectedColumns.entrySet()) {
            String name = theirColumn.getKey();
            JsonNode expected = theirColumn.getValue();
            JsonNode column = columns(found).get(name);
            // How Feast has a time that is null.
            assertThat(column.get("values").toString())
                    .as(name)
                    .isEqualTo(expected.get("values").toString().replace("-9223372036854775808", "null"));
            assertThat(column.get("event_timestamps")).as(name).isEqualTo(expected.get("event_timestamps"));
            for (int row = 0; row < expected.get("statuses").size(); row++) {
                // Feast's server calls what isn't there PRESENT, too.
                JsonNode value = expected.get("values").get(row);
                if (!value.isNull() && !value.asText().equals("-9223372036854775808")) {
                    assertThat(column.get("statuses").get(row))
                            .as(name)
                            .isEqualTo(expected.get("statuses").get(row));
                }
            }
        }
    }

    private static Map<String, JsonNode> columns(JsonNode answer) {
        Map<String, JsonNode> columns = new LinkedHashMap<>();
        for (JsonNode name : answer.at("/metadata/feature_names")) {
            columns.put(name.asText(), answer.get("results").get(columns.size()));
        }
        assertThat(answer.get("results")).hasSize(columns.size());
        return columns;
    }

    @Test
    void statusesTellWhatFeastsServerKeepsToItself() throws Exception {
        JsonNode answer = JSON.readTree(
                ours.post(PATH, "{\"features\": [\"every_type:a_bool\"], \"entities\": {\"user_id\": [1, 3, 4]}}")
                        .body());
        assertThat(answer.at("/results/1/statuses").toString()).isEqualTo("[\"PRESENT\",\"NULL_VALUE\",\"NOT_FOUND\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "404|{'features': ['nobody:knows'], 'entities': {'user_id': [1]}}|there is no view \"nobody\"",
                "404|{'features': ['by_two:x'], 'entities': {'user_id': [1]}}|has no feature \"x\"",
                "400|{'features': ['visits'], 'entities': {'user_id': [1]}}|is named \"<view>:<feature>\"",
                "400|{'feature_service': 'all', 'entities': {'user_id': [1]}}|there are no feature services here",
                "400|{'entities': {'user_id': [1]}}|\"features\" is missing",
                "400|{'features': ['by_two:visits']}|\"entities\" is missing",
                "400|{'features': ['by_two:visits'], 'entities': {'user_id': [1]}}|lacks the join key \"country\" (STRING)",
                "400|{'features': ['by_two:visits'], 'entities': {'user_id': [1, 2], 'country': ['DE']}}|has 1 values",
                "400|{'features': ['every_type:a_bool'], 'entities': {'user_id': ['x']}}|row 0",
                "400|{'features': ['every_type:a_bool'], 'entities': {'user_id': [null]}}|\"user_id\" is null",
                "400|{'features': ['every_type:a_double', 'by_two:a_double'], 'entities': {'user_id': [1], 'country': ['DE']}}"
                        + "|set \"full_feature_names\" to true",
                "400|[]|the request must be an object"
            })
    void whatIsWrongIsSaid(String line) throws Exception {
        String[] parts = line.split("\\|", 3);
        HttpResponse<String> answer = ours.post(PATH, parts[1].replace('\'', '"'));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(Integer.parseInt(parts[0]));
        assertThat(JSON.readTree(answer.body()).get("error").asText()).contains(parts[2]);
    }

    @Test
    void withoutAModelItIsReadyAndSaysThatItHasNone() throws Exception {
        assertThat(ours.isUp("/health/ready")).isTrue();
        assertThat(ours.isUp("/health/started")).isTrue();
        assertThat(ours.get("/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(ours.get(PATH).statusCode()).isEqualTo(405);
        HttpResponse<String> prediction = ours.post("/predict", "[1]");
        assertThat(prediction.statusCode()).isEqualTo(503);
        assertThat(prediction.body()).contains("features and no model");
    }
}
