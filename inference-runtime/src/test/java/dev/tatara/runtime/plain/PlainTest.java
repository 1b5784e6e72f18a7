package dev.tatara.runtime.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.model.ModelFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode predict(String model, String body) throws Exception {
        try (InProcess server = new InProcess(model)) {
            return JSON.readTree(server.predict(body.replace('\'', '"')));
        }
    }

    private static JsonNode batch(String model, String body) throws Exception {
        try (InProcess server = new InProcess(model)) {
            return JSON.readTree(server.predictBatch(body.replace('\'', '"')));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'features':[6.3,3.3,6,2.5],'request_id':'abc'}",
                "{'request_id':'abc','features':[[6.3,3.3,6,2.5]]}",
                "{'request_id':'abc','X':[6.3,3.3,6,2.5]}",
                "{'features':{'X':[6.3,3.3,6,2.5]},'request_id':'abc','extra':{}}"
            })
    void aClassifierAnswersItsClassAndProbabilities(String body) throws Exception {
        JsonNode answer = predict("iris", body);
        assertThat(answer.get("prediction").asInt()).isEqualTo(2);
        assertThat(answer.get("probabilities")).hasSize(3);
        assertThat(answer.get("probability").asDouble())
                .isEqualTo(answer.get("probabilities").get(2).asDouble())
                .isBetween(0.9, 1.0);
        assertThat(answer.get("model_version").asText()).isEqualTo("1");
        assertThat(answer.get("request_id").asText()).isEqualTo("abc");
        assertThat(answer.get("latency_ms").asDouble()).isEqualTo(1.5);
    }

    @Test
    void makesUpARequestId() throws Exception {
        assertThat(predict("iris", "[6.3,3.3,6,2.5]").get("request_id").asText())
                .matches("[0-9a-f]{32}");
    }

    @Test
    void aMapOfProbabilitiesKeepsItsKeys() throws Exception {
        JsonNode answer = predict("iris-zipmap", "[6.3,3.3,6,2.5]");
        assertThat(answer.get("prediction").asInt()).isEqualTo(2);
        assertThat(answer.get("probability").asDouble())
                .isEqualTo(answer.get("probabilities").get("2").asDouble());
    }

    private static JsonNode named(String model, String body, String... classes) throws Exception {
        ModelFacts facts = new ModelFacts(List.of(), List.of(classes), Optional.empty(), Optional.empty(), Map.of());
        try (InProcess server = new InProcess(model, facts)) {
            return JSON.readTree(server.predict(body));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"iris", "iris-zipmap"})
    void classesAreCalledByTheirNames(String model) throws Exception {
        JsonNode answer = named(model, "[6.3,3.3,6,2.5]", "setosa", "versicolor", "virgi\"nica");
        assertThat(answer.get("prediction").asText()).isEqualTo("virgi\"nica");
        assertThat(answer.get("probabilities").fieldNames())
                .toIterable()
                .containsExactly("setosa", "versicolor", "virgi\"nica");
        assertThat(answer.get("probabilities").get("virgi\"nica").asDouble())
                .isEqualTo(answer.get("probability").asDouble())
                .isBetween(0.9, 1.0);
    }

    @Test
    void aDistributionWithoutALabelIsNamedToo() throws Exception {
        JsonNode answer = named("identity-fp32", "[0.25,0.75]", "no", "yes");
        assertThat(answer.get("prediction").asText()).isEqualTo("yes");
        assertThat(answer.get("probabilities").toString()).isEqualTo("{\"no\":0.25,\"yes\":0.75}");
        assertThat(named("identity-fp32", "[2,3]", "no", "yes")
                        .get("prediction")
                        .toString())
                .isEqualTo("[2.0,3.0]");
    }

    @Test
    void namesThatAreTooFewAreNoNames() throws Exception {
        JsonNode answer = named("iris", "[5.1,3.5,1.4,0.2]", "setosa", "versicolor");
        assertThat(answer.get("prediction").isNumber()).isTrue();
        assertThat(answer.get("probabilities").isArray()).isTrue();
        assertThat(named("identity-string", "[\"a\"]", "no").get("prediction").asText())
                .isEqualTo("a");
    }

    @Test
    void numbersAreAnsweredAsNumbers() throws Exception {
        assertThat(predict("fixed-shape", "{'features':[[1,2],[3,4]]}")
                        .get("prediction")
                        .asDouble())
                .isEqualTo(10);
        assertThat(predict("identity-fp32", "{'features':[0.25,0.75]}")
                        .get("prediction")
                        .asInt())
                .isEqualTo(1);
        assertThat(predict("identity-fp32", "{'features':[2,3]}")
                        .get("prediction")
                        .toString())
                .isEqualTo("[2.0,3.0]");
        assertThat(predict("identity-fp32", "{'features':[2]}")
                        .get("prediction")
                        .asDouble())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "identity-string | ['a','b'] | [\"a\",\"b\"]",
                "identity-string | ['a'] | \"a\"",
                "identity-string | [] | []",
                "identity-fp32 | [] | []"
            })
    void aRowIsAnsweredWhole(String model, String row, String prediction) throws Exception {
        assertThat(predict(model, row).get("prediction").toString()).isEqualTo(prediction);
    }

    @Test
    void featuresByNameGoToInputsOfThatName() throws Exception {
        JsonNode answer = predict("two-in-two-out", "{'price':[2,3],'count':[10,20]}");
        assertThat(answer.get("prediction").toString()).isEqualTo("[20.0,60.0]");
        assertThat(predict("two-in-two-out", "{'features':[[2,3],[10,20]]}")
                        .get("prediction")
                        .toString())
                .isEqualTo("[20.0,60.0]");
    }

    @Test
    void aBatchAnswersEachRow() throws Exception {
        JsonNode answer = batch("iris", "[[5.1,3.5,1.4,0.2],{'features':[6.3,3.3,6,2.5]},{'X':[5,3,1,0]}]");
        assertThat(answer.get("count").asInt()).isEqualTo(3);
        assertThat(answer.get("total_latency_ms").asDouble()).isEqualTo(1.5);
        assertThat(answer.get("predictions").findValuesAsText("prediction")).containsExactly("0", "2", "0");
        assertThat(batch("iris", "{'features':[[5.1,3.5,1.4,0.2],[6.3,3.3,6,2.5]],'request_id':5}")
                        .get("request_id")
                        .asText())
                .isEqualTo("5");
    }

    @Test
    void saysWhatIsWrong() {
        refuses("iris", "{'features':[1,2,3]}", "\"X\": expected 4 values, got 3 values");
        refuses("iris", "{'features':[[1,2,3,4],[1,2,3,4]]}", "2 rows where one is expected", "/predict/batch");
        refuses("iris", "{'features':[1,2,3,'x']}", "element 3 must be a number");
        refuses("iris", "{'features':5}", "expected 4 values, got one value");
        refuses("iris", "{'features':{'sepal':1}}", "unknown feature \"sepal\"", "have no names");
        refuses("iris", "{'sepal':1,'petal':2}", "unknown feature \"sepal\"");
        refuses("iris", "{}", "feature \"X\" is missing");
        refuses("iris", "{'request_id':[]}", "\"request_id\" must be a string, got an array");
        refuses("iris", "{'features':[1,2,3,4],'features':[1,2,3,4]}", "given twice");
        refuses("two-in-two-out", "{'price':[2,3]}", "feature \"count\" is missing");
        refuses("two-in-two-out", "{'price':[2,3],'count':[1,2],'price':[2,3]}", "given twice");
        refuses("two-in-two-out", "[[2,3]]", "expected 2 features", "got 1");
        refusesBatch("iris", "[]", "no rows");
        refusesBatch("iris", "{}", "expected an array of rows");
        refusesBatch("iris", "[[1,2,3,4],[1,2,3]]", "row 1: ", "expected 4 values, got 3 values");
        refusesBatch("iris", "[1,2,3,4]", "row 0: ");
        refusesBatch("fixed-shape", "[[[1,2],[3,4]],[[1,2],[3,4]]]", "takes one row at a time");
    }

    private static void refuses(String model, String body, String... words) {
        try (InProcess server = new InProcess(model)) {
            assertThatThrownBy(() -> server.predict(body.replace('\'', '"')))
                    .isInstanceOf(RequestException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }

    private static void refusesBatch(String model, String body, String... words) {
        try (InProcess server = new InProcess(model)) {
            assertThatThrownBy(() -> server.predictBatch(body.replace('\'', '"')))
                    .isInstanceOf(RequestException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }
}
