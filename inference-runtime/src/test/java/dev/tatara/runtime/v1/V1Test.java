package dev.tatara.runtime.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.model.ModelFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class V1Test {
    private static final ModelFacts COLUMNS = new ModelFacts(
            List.of("sepal_length", "sepal_width", "petal_length", "petal_width"),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of());

    private static String ask(String model, ModelFacts facts, String body, boolean probabilities)
            throws RequestException {
        try (InProcess server = new InProcess(model, facts)) {
            return server.v1(body.replace('\'', '"'), probabilities);
        }
    }

    private static String ask(String model, String body) throws RequestException {
        return ask(model, ModelFacts.NONE, body, false);
    }

    private static void refuses(String model, ModelFacts facts, String body, String... words) {
        assertThatThrownBy(() -> ask(model, facts, body, false))
                .isInstanceOf(RequestException.class)
                .satisfies(e -> assertThat(((RequestException) e).status()).isEqualTo(400))
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void answersClassesOfInstances() throws Exception {
        for (String field : List.of("instances", "inputs")) {
            assertThat(ask("iris", "{'signature_name':'x','" + field + "':[[5.1,3.5,1.4,0.2],[6.3,3.3,6,2.5]]}"))
                    .isEqualTo("{\"predictions\":[0,2]}");
        }
        assertThat(ask("iris-zipmap", "{'instances':[[6.3,3.3,6,2.5]]}")).matches("\\{\"predictions\":\\[\"?\\w+\"?]}");
    }

    @Test
    void answersProbabilitiesInClassOrderWhereWanted() throws Exception {
        for (String model : List.of("iris", "iris-zipmap")) {
            assertThat(ask(model, ModelFacts.NONE, "{'instances':[[5.1,3.5,1.4,0.2],[6.3,3.3,6,2.5]]}", true))
                    .matches("\\{\"predictions\":\\[\\[0\\.9[^\\]]+],\\[[^\\]]+]]}");
        }
    }

    @Test
    void takesRowsByNameInAnyOrder() throws Exception {
        assertThat(ask(
                        "iris",
                        COLUMNS,
                        "{'instances':[{'petal_width':2.5,'sepal_length':6.3,'petal_length':6,'sepal_width':3.3},"
                                + "{'sepal_length':5.1,'sepal_width':3.5,'petal_length':1.4,'petal_width':0.2}]}",
                        false))
                .isEqualTo("{\"predictions\":[2,0]}");
        refuses("iris", COLUMNS, "{'instances':[{'sepal_length':1}]}", "row 0", "\"sepal_width\" is missing");
        refuses("iris", COLUMNS, "{'instances':[{'color':1}]}", "unknown feature \"color\"", "\"sepal_length\"");
        refuses("iris", COLUMNS, "{'instances':[{'sepal_length':1,'sepal_length':1}]}", "given twice");
        refuses("iris", COLUMNS, "{'instances':[{'sepal_length':[1,2]}]}", "one value, got an array");
    }

    @Test
    void takesSeveralInputsByRowOrByColumn() throws Exception {
        String byRow =
                ask("two-in-two-out", "{'instances':[{'price':[1.5,1],'count':[3,1]},{'count':[4,5],'price':[2,0]}]}");
        String byColumn = ask("two-in-two-out", "{'inputs':{'price':[[1.5,1],[2,0]],'count':[[3,1],[4,5]]}}");
        assertThat(byRow)
                .isEqualTo(byColumn)
                .isEqualTo("{\"predictions\":[{\"total\":[4.5,1.0],\"minus_count\":[-3,-1]},"
                        + "{\"total\":[8.0,0.0],\"minus_count\":[-4,-5]}]}");
        refuses("two-in-two-out", ModelFacts.NONE, "{'inputs':{'price':[[1.5,1]],'count':[[3,1],[4,5]]}}", "1 rows");
        refuses("two-in-two-out", ModelFacts.NONE, "{'inputs':{'price':[[1.5,1]]}}", "rows");
    }

    @Test
    void nestsWhatHasSeveralDimensions() throws Exception {
        assertThat(ask("identity-fp32", "{'instances':[[1,2],[3,4]]}"))
                .isEqualTo("{\"predictions\":[[1.0,2.0],[3.0,4.0]]}");
        assertThat(ask("identity-string", "{'instances':[['a','b']]}")).isEqualTo("{\"predictions\":[[\"a\",\"b\"]]}");
    }

    @Test
    void refusesWhatIsNoRequest() {
        refuses("iris", ModelFacts.NONE, "{}", "\"instances\" is missing");
        refuses("iris", ModelFacts.NONE, "[[1,2,3,4]]", "must be an object");
        refuses("iris", ModelFacts.NONE, "{'instances':[]}", "no instances");
        refuses("iris", ModelFacts.NONE, "{'instances':{'a':1}}", "must be an array");
        refuses("iris", ModelFacts.NONE, "{'instances':[[1,2,3]]}", "row 0", "expected 4 values");
        refuses("iris", ModelFacts.NONE, "{'instances':[[1,2,3,4]],'inputs':[]}", "either");
    }
}
