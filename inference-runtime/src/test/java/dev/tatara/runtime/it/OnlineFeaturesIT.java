package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.grpc.Protobuf;
import dev.tatara.runtime.it.GrpcWire.Ending;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers send keys of entities, the pod looks the features up. */
class OnlineFeaturesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INFER = "/v2/models/iris/infer";

    @TempDir
    private static Path folder;

    private static OnlineStore store;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        store = new OnlineStore(folder).fill();
        server = ServerProcess.start(store.environment());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        store.close();
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return server.post(path, body.replace('\'', '"'));
    }

    private static JsonNode ask(String path, String body) throws Exception {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static String refused(int status, String path, String body) throws Exception {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body()).get("error").asText();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                {'entities': {'plant': 1, 'garden': 'north'}}                                          | 0
                {'entities': {'plant': 2, 'garden': 'north'}, 'request_id': 'x'}                       | 2
                {'features': {'plant': 2, 'garden': 'north'}}                                          | 2
                {'garden': 'north', 'plant': 2}                                                        | 2
                {'entities': {'plant': 2, 'garden': 'north'}, 'features': {'d': 0, 'c': 1.4}}          | 0
                {'features': {'d': 3, 'plant': 2, 'c': 6}}                                             | 2
                {'d': 3, 'entities': {'plant': 2}, 'c': 6}                                             | 2
                {'features': [6.3, 3.3, 6, 2.5], 'entities': {'plant': 99}}                            | 2
                {'a': 6.3, 'b': 3.3, 'c': 6, 'd': 2.5}                                                 | 2
                [6.3, 3.3, 6, 2.5]                                                                     | 2
                """)
    void plainRowsMayHaveKeysInThePlaceOfFeatures(String body, int prediction) throws Exception {
        assertThat(ask("/predict", body).get("prediction").asInt()).isEqualTo(prediction);
    }

    @Test
    void theSameValuesAsSentByHandGiveTheSameAnswer() throws Exception {
        JsonNode found = ask("/predict", "{'plant': 2, 'garden': 'north'}");
        JsonNode sent = ask("/predict", "[6.3, 3.3, 6, 3]");
        assertThat(found.get("probabilities")).isEqualTo(sent.get("probabilities"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'plant': 1, 'garden': 'north'}, {'plant': 2, 'garden': 'north'}, {'plant': 1, 'garden': 'north', 'd': 0}]",
                "{'features': [{'plant': 1, 'garden': 'north'}, {'plant': 2, 'garden': 'north'}, {'plant': 1, 'garden': 'north'}]}",
                "{'entities': [{'plant': 1, 'garden': 'north'}, {'plant': 2, 'garden': 'north'}, {'plant': 1, 'garden': 'north'}]}"
            })
    void batches(String body) throws Exception {
        JsonNode predictions = ask("/predict/batch", body).get("predictions");
        assertThat(predictions.findValuesAsText("prediction")).containsExactly("0", "2", "0");
    }

    @Test
    void v1() throws Exception {
        JsonNode answer = ask(
                "/v1/models/iris:predict",
                "{'instances': [{'plant': 1, 'garden': 'north'}, {'entities': {'plant': 2, 'garden': 'north'}}]}");
        assertThat(answer.toString()).isEqualTo("{\"predictions\":[0,2]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                {'inputs': {'plant': [1, 2], 'garden': ['north', 'north']}} | [0,2]
                {'inputs': {'garden': ['north'], 'plant': [2]}}             | [2]
                """)
    void v1TakesKeysByColumnToo(String body, String predictions) throws Exception {
        assertThat(ask("/v1/models/iris:predict", body).get("predictions").toString())
                .isEqualTo(predictions);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                400 | {'inputs': {'plant': [1, 2], 'garden': ['north']}}   | row 1: entity key "garden" is missing
                400 | {'inputs': {'plant': [1], 'plant': [2]}}             | entity key "plant" is given twice
                400 | {'inputs': {'plant': 1}}                             | "plant" must be an array
                400 | {'inputs': {'plant': [[1]]}}                         | must be one value, got an array
                400 | {'inputs': {'plant': [1], 'a': [5.1]}}               | the columns of one input can't be given apart
                400 | {'inputs': {'plant': []}}                            | there are no instances
                422 | {'inputs': {'plant': [1, 9], 'garden': ['north', 'north']}} | row 1: feature "sepals:a" is NOT_FOUND
                """)
    void whatIsWrongWithColumnsOfKeysIsSaid(int status, String body, String words) throws Exception {
        assertThat(refused(status, "/v1/models/iris:predict", body)).contains(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inputs { name: 'plant' datatype: 'INT64' shape: 2 contents { int64_contents: [1, 2] } }"
                        + " inputs { name: 'garden' datatype: 'BYTES' shape: [2, 1]"
                        + " contents { bytes_contents: ['north', 'north'] } }",
                "inputs { name: 'garden' datatype: 'BYTES' shape: 2 } inputs { name: 'plant' datatype: 'INT64' shape: 2 }"
                        + " raw_input_contents: '\\005\\000\\000\\000north\\005\\000\\000\\000north'"
                        + " raw_input_contents: '\\001\\000\\000\\000\\000\\000\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000'"
            })
    void grpcTakesATensorForEachKey(String inputs) throws Exception {
        Ending ending = call("outputs { name: 'label' } " + inputs);
        assertThat(ending.status()).as(ending.message()).isEqualTo("0");
        byte[] answer = ending.body().getBytes(GrpcWire.PREFIX, ending.body().length());
        String text = Protobuf.text(Protobuf.parse("ModelInferResponse", answer));
        assertThat(text)
                .containsAnyOf(
                        "int64_contents: 0 int64_contents: 2",
                        "raw_output_contents: '\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                3 | inputs { name: 'plant' datatype: 'INT64' shape: 1 contents { int64_contents: 1 } } | entity key "garden"
                3 | inputs { name: 'plant' datatype: 'FP32' shape: 1 contents { fp32_contents: 1 } }   | expected datatype INT64
                3 | inputs { name: 'plant' datatype: 'INT64' shape: 1 contents { int64_contents: 99 } } inputs { name: 'garden' datatype: 'BYTES' shape: 1 contents { bytes_contents: 'north' } } | is NOT_FOUND
                """)
    void whatIsWrongWithKeysOverGrpcIsSaid(String status, String inputs, String words) throws Exception {
        Ending ending = call(inputs);
        assertThat(ending.status()).as(ending.message()).isEqualTo(status);
        assertThat(ending.message()).contains(words);
    }

    private static Ending call(String request) throws Exception {
        try (GrpcWire wire = new GrpcWire(server.port())) {
            byte[] message = Protobuf.request("model_name: 'iris' " + request);
            return wire.call("inference.GRPCInferenceService/ModelInfer", GrpcWire.framed(0, message));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2]", "[2, 1]"})
    void v2TakesATensorForEachKey(String shape) throws Exception {
        JsonNode answer = ask(INFER, """
                {'id': '7', 'outputs': [{'name': 'label'}], 'inputs': [
                  {'name': 'plant', 'datatype': 'INT64', 'shape': %1$s, 'data': [1, 2]},
                  {'data': ['north', 'north'], 'shape': %1$s, 'datatype': 'BYTES', 'name': 'garden'}]}
                """.formatted(shape));
        assertThat(answer.at("/outputs/0/data").toString()).isEqualTo("[0,2]");
        assertThat(answer.get("id").asText()).isEqualTo("7");
    }

    @Test
    void v2StillTakesFeatures() throws Exception {
        JsonNode answer = ask(
                INFER,
                "{'inputs': [{'name': 'X', 'datatype': 'FP32', 'shape': [1, 4], 'data': [6.3, 3.3, 6, 2.5]}],"
                        + " 'outputs': [{'name': 'label'}]}");
        assertThat(answer.at("/outputs/0/data/0").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                422 | {'plant': 9, 'garden': 'north'}       | feature "sepals:a" is NOT_FOUND, and 3 more
                422 | {'plant': 3, 'garden': 'north'}       | feature "sepals:b" is NULL_VALUE; send them
                422 | {'plant': 4, 'garden': 'north'}       | feature "petals:c" is OUTSIDE_MAX_AGE, and 1 more
                400 | {'plant': 1}                          | feature "c" is missing: send it, or the entity key "garden" (BYTES)
                400 | {'entities': {'plant': 1.5}}          | must be a whole number (INT64), got 1.5
                400 | {'entities': {'plant': [1]}}          | entity key "plant" must be one value, got an array
                400 | {'entities': {'plant': 1}, 'plant': 1} | entity key "plant" is given twice
                400 | {'entities': {'tree': 1}}             | unknown entity key "tree": expected "plant", "garden"
                400 | {'entities': 7}                       | "entities" must be an object
                400 | {'tree': 1}                           | unknown feature "tree"
                400 | {}                                    | or the entity key "plant"
                400 | {'features': [1, 2]}                  | expected 4 values
                """)
    void whatIsWrongIsSaid(int status, String body, String words) throws Exception {
        assertThat(refused(status, "/predict", body)).contains(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                400 | [{'plant': 1, 'garden': 'north'}, {'plant': 1}]  | row 1: entity key "garden" is missing, which other rows have
                400 | [{'a': 1, 'b': 1, 'c': 1, 'd': 1}, {'plant': 1}] | row 0: entity key
                400 | [{'plant': 1, 'garden': 'north'}, {}]            | row 1: entity key "plant" is missing
                422 | [{'plant': 1, 'garden': 'north'}, {'plant': 9, 'garden': 'north'}] | row 1: feature "sepals:a" is NOT_FOUND
                400 | {'entities': []}                                 | the batch has no rows
                400 | {'entities': [{'plant': 1}], 'features': []}     | rows are given twice
                """)
    void whatIsWrongWithABatchIsSaidWithItsRow(int status, String body, String words) throws Exception {
        assertThat(refused(status, "/predict/batch", body)).contains(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                {'name': 'plant', 'datatype': 'INT64', 'shape': [1], 'data': [1]} | entity key "garden"
                {'name': 'plant', 'datatype': 'INT32', 'shape': [1], 'data': [1]} | expected datatype INT64, got INT32
                {'name': 'plant', 'datatype': 'INT64', 'shape': [1, 2], 'data': [1, 2]} | expected shape [-1], got [1, 2]
                {'name': 'tree', 'datatype': 'INT64', 'shape': [1], 'data': [1]} | entity keys are "plant" (INT64 [-1]), "garden"
                """)
    void whatIsWrongWithATensorIsSaid(String tensor, String words) throws Exception {
        assertThat(refused(400, INFER, "{'inputs': [" + tensor + "]}")).contains(words);
    }

    @Test
    void tensorsMustHaveEquallyManyRows() throws Exception {
        assertThat(refused(400, INFER, """
                {'inputs': [{'name': 'plant', 'datatype': 'INT64', 'shape': [2], 'data': [1, 2]},
                            {'name': 'garden', 'datatype': 'BYTES', 'shape': [1], 'data': ['north']}]}
                """)).contains("entity key \"garden\" has 1 values, \"plant\" has 2");
        assertThat(refused(400, INFER, "{'inputs': []}")).contains("or send the entity keys \"plant\"");
    }

    @Test
    void theDocumentHasFeaturesToo() throws Exception {
        JsonNode path = JSON.readTree(server.get("/openapi.json").body())
                .path("paths")
                .path("/get-online-features")
                .path("post");
        JsonNode example =
                path.at("/requestBody/content").path("application/json").path("example");
        assertThat(example.toString())
                .isEqualTo("{\"features\":[\"sepals:a\",\"sepals:b\",\"sepals:note\"],\"entities\":{\"plant\":[1]}}");
        assertThat(ask("/get-online-features", example.toString())
                        .at("/results/1/values/0")
                        .asDouble())
                .isEqualTo(5.1);
    }

    @Test
    void manyAskAtOnceAndEachGetsItsOwn() throws Exception {
        List<CompletableFuture<Void>> asking = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int plant = 1 + i % 2;
            asking.add(CompletableFuture.runAsync(() -> {
                for (int n = 0; n < 100; n++) {
                    try {
                        assertThat(ask("/predict", "{'plant': " + plant + ", 'garden': 'north'}")
                                        .get("prediction")
                                        .asInt())
                                .isEqualTo(plant == 1 ? 0 : 2);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
            }));
        }
        CompletableFuture.allOf(asking.toArray(CompletableFuture<?>[]::new)).join();
    }

    @Test
    void aLongBatchIsLookedUpInPieces() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 9_000; i++) {
            rows.append(i == 0 ? "" : ",")
                    .append("{'plant': ")
                    .append(1 + i % 2)
                    .append(", 'garden': 'north'}");
        }
        JsonNode predictions = ask("/predict/batch", "[" + rows + "]").get("predictions");
        assertThat(predictions).hasSize(9_000);
        assertThat(predictions.get(8_998).get("prediction").asInt()).isZero();
        assertThat(predictions.get(8_999).get("prediction").asInt()).isEqualTo(2);
    }

    @Test
    void whatWasFoundIsCountedAndKeysStayOutOfTheLog() throws Exception {
        String key = "garden-of-a-person";
        refused(422, "/predict", "{'plant': 777123, 'garden': '" + key + "'}");
        ask("/predict", "{'plant': 1, 'garden': 'north'}");
        Awaitility.await().untilAsserted(() -> {
            String metrics = server.admin("/metrics").body();
            assertThat(metrics)
                    .contains("feature_values_total{status=\"PRESENT\",view=\"sepals\"}")
                    .contains("feature_lookup_seconds_bucket")
                    .containsPattern("feature_store_connections\\{store=\"redis\"} [1-9]");
            assertThat(metrics).containsPattern("feature_lookup_failures_total\\{reason=\"missing\"} [1-9]");
        });
        assertThat(server.log()).doesNotContain("777123", key, "ERROR");
    }
}
