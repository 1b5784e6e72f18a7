package dev.tatara.runtime.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class V2Test {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode ask(String model, String body) throws Exception {
        try (InProcess server = new InProcess(model)) {
            return JSON.readTree(server.v2(body.replace('\'', '"')));
        }
    }

    private static void refuses(String model, String body, String... words) {
        try (InProcess server = new InProcess(model)) {
            assertThatThrownBy(() -> server.v2(body.replace('\'', '"')))
                    .isInstanceOf(RequestException.class)
                    .satisfies(e -> assertThat(((RequestException) e).status()).isEqualTo(400))
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }

    @Test
    void answersWithTheModelsOutputsInOrder() throws Exception {
        JsonNode answer = ask(
                "iris",
                "{'id':'é\\\"x','inputs':[{'name':'X','shape':[2,4],'datatype':'FP32','data':[5.1,3.5,1.4,0.2,6.3,3.3,6,2.5]}]}");
        assertThat(answer.get("model_name").asText()).isEqualTo("iris");
        assertThat(answer.get("model_version").asText()).isEqualTo("1");
        assertThat(answer.get("id").asText()).isEqualTo("é\"x");
        assertThat(answer.get("outputs")).hasSize(2);
        JsonNode label = answer.get("outputs").get(0);
        assertThat(label.toString())
                .isEqualTo("{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[2],\"data\":[0,2]}");
        JsonNode probabilities = answer.get("outputs").get(1);
        assertThat(probabilities.get("shape").toString()).isEqualTo("[2,3]");
        assertThat(probabilities.get("data")).hasSize(6);
        assertThat(probabilities.get("data").get(0).asDouble()).isBetween(0.95, 1.0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {'name':'x','shape':[2,2],'datatype':'FP32','data':[1,2,3,4]}
            {'name':'x','shape':[2,2],'datatype':'FP32','data':[[1,2],[3,4]]}
            {'data':[[1,2],[3,4]],'datatype':'FP32','shape':[2,2],'name':'x'}
            {'data':[1,2,3,4],'parameters':{'deep':[{'a':[1,{'b':2}]}]},'name':'x','shape':[2,2],'datatype':'FP32'}
            {'datatype':'FP32','data':[1.0,2e0,0.3E1,40e-1],'shape':[2,2],'unknown':null,'name':'x'}
            """)
    void takesFieldsInAnyOrderAndDataFlatOrNested(String input) throws Exception {
        JsonNode answer = ask("identity-fp32", "{'inputs':[" + input + "]}");
        assertThat(answer.get("outputs").get(0).toString())
                .isEqualTo("{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[1.0,2.0,3.0,4.0]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            fp32   | [0.1,-3.4028235E38,1.4E-45,16777216]                        | [0.1,-3.4028235E38,1.4E-45,1.6777216E7]
            fp64   | [0.1,1.7976931348623157E308,4.9E-324,9007199254740993]      | [0.1,1.7976931348623157E308,4.9E-324,9.007199254740992E15]
            fp16   | [0.1,65504,-2,5.9604645E-8]                                 | [0.099975586,65504.0,-2.0,5.9604645E-8]
            bf16   | [0.1,1,-2,3.3895314E38]                                     | [0.100097656,1.0,-2.0,3.3895314E38]
            int8   | [-128,127,0,1]                                              | [-128,127,0,1]
            int16  | [-32768,32767,0,1]                                          | [-32768,32767,0,1]
            int32  | [-2147483648,2147483647,0,1]                                | [-2147483648,2147483647,0,1]
            int64  | [-9223372036854775808,9223372036854775807,0,1]              | [-9223372036854775808,9223372036854775807,0,1]
            uint8  | [0,255,1,2]                                                 | [0,255,1,2]
            uint16 | [0,65535,1,2]                                               | [0,65535,1,2]
            uint32 | [0,4294967295,1,2]                                          | [0,4294967295,1,2]
            uint64 | [0,18446744073709551615,9223372036854775808,2]              | [0,18446744073709551615,9223372036854775808,2]
            bool   | [true,false,1,0]                                            | [true,false,true,false]
            """)
    void carriesEveryNumericTypeToItsLimits(String type, String sent, String expected) throws Exception {
        try (InProcess server = new InProcess("identity-" + type)) {
            String answer = server.v2("{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\""
                    + type.toUpperCase(java.util.Locale.ROOT) + "\",\"data\":" + sent + "}]}");
            assertThat(answer).endsWith("\"data\":" + expected + "}]}");
        }
    }

    @Test
    void carriesStrings() throws Exception {
        JsonNode answer = ask(
                "identity-string",
                "{'inputs':[{'name':'x','shape':[1,3],'datatype':'BYTES','data':['','踏鞴 🔥','a\\\\b\\n\\u0001']}]}");
        assertThat(answer.get("outputs").get(0).get("data").toString())
                .isEqualTo("[\"\",\"踏鞴 🔥\",\"a\\\\b\\n\\u0001\"]");
    }

    @Test
    void takesSeveralInputsAndGivesTheOutputsAskedFor() throws Exception {
        String inputs = "'inputs':[{'name':'count','shape':[1,2],'datatype':'INT64','data':[3,4]},"
                + "{'name':'price','shape':[1,2],'datatype':'FP32','data':[1.5,2]}]";
        assertThat(ask("two-in-two-out", "{" + inputs + "}").get("outputs")).hasSize(2);
        JsonNode some = ask(
                "two-in-two-out",
                "{" + inputs + ",'outputs':[{'name':'minus_count','parameters':{'binary_data':false}}]}");
        assertThat(some.get("outputs")).hasSize(1);
        assertThat(some.get("outputs").get(0).get("data").toString()).isEqualTo("[-3,-4]");
        JsonNode swapped =
                ask("two-in-two-out", "{'outputs':[{'name':'minus_count'},{'name':'total'}]," + inputs + "}");
        assertThat(swapped.get("outputs").get(1).get("data").toString()).isEqualTo("[4.5,8.0]");
    }

    @Test
    void takesZeroRowsAndScalars() throws Exception {
        JsonNode none = ask("identity-fp32", "{'inputs':[{'name':'x','shape':[0,3],'datatype':'FP32','data':[]}]}");
        assertThat(none.get("outputs").get(0).toString())
                .isEqualTo("{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[0,3],\"data\":[]}");
        JsonNode scalar =
                ask("fixed-shape", "{'inputs':[{'name':'x','shape':[2,2],'datatype':'FP32','data':[1,2,3,4]}]}");
        assertThat(scalar.get("outputs").get(0).toString())
                .isEqualTo("{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[],\"data\":[10.0]}");
    }

    @Test
    void answersMapsOfProbabilitiesAsTexts() throws Exception {
        JsonNode answer = ask(
                "iris-zipmap", "{'inputs':[{'name':'X','shape':[1,4],'datatype':'FP32','data':[5.1,3.5,1.4,0.2]}]}");
        JsonNode maps = answer.get("outputs").get(1);
        assertThat(maps.get("datatype").asText()).isEqualTo("BYTES");
        assertThat(maps.get("shape").toString()).isEqualTo("[1]");
        assertThat(JSON.readTree(maps.get("data").get(0).asText()).get("0").asDouble())
                .isBetween(0.95, 1.0);
    }

    @Test
    void saysWhatIsWrongWithTheRequest() {
        refuses("iris", "", "empty");
        refuses("iris", "{", "not JSON");
        refuses("iris", "[]", "the request must be an object, got an array");
        refuses("iris", "{}", "\"inputs\" is missing");
        refuses("iris", "{} {}", "\"inputs\" is missing");
        refuses("iris", "{'inputs':{}}", "\"inputs\" must be an array, got an object");
        refuses("iris", "{'inputs':[]}", "input \"X\" is missing", "FP32 [-1, 4]");
        refuses("iris", "{'inputs':[3]}", "must be an object, got a number");
        refuses("iris", "{'id':7,'inputs':[]}", "\"id\" must be a string");
        refuses("iris", "{'x':" + "[".repeat(200), "nest");
        refuses(
                "iris",
                "{'inputs':[{'name':'Y','shape':[1],'datatype':'FP32','data':[1]}]}",
                "unknown input \"Y\"",
                "\"X\" (FP32 [-1, 4])");
        refuses("iris", x("'shape':[1,4],'datatype':'FP64','data':[1,2,3,4]"), "expected datatype FP32, got FP64");
        refuses("iris", x("'shape':[1,4],'data':[1,2,3,4]"), "no \"datatype\"");
        refuses("iris", x("'datatype':'FP32','data':[1,2,3,4]"), "no \"shape\"");
        refuses("iris", x("'datatype':'FP32','shape':[1,4]"), "no \"data\"");
        refuses("iris", x("'datatype':'FP32','shape':[1,4],'data':3"), "\"data\" must be an array");
        refuses("iris", x("'datatype':'FP32','shape':[1,4],'data':[1],'data':[1]"), "twice");
        refuses("iris", x("'shape':[1,3],'datatype':'FP32','data':[1,2,3]"), "expected shape [-1, 4], got [1, 3]");
        refuses("iris", x("'shape':[4],'datatype':'FP32','data':[1,2,3,4]"), "expected shape [-1, 4], got [4]");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3]"), "needs 4 elements, \"data\" has 3");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[[1,2],[3,4]]"), "nested as [2, 2]", "says [1, 4]");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[[1,2],[3]]"), "different lengths");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,[2,3,4]]"), "mixed");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[[1,2,3,4],5]"), "mixed");
        refuses("iris", x("'shape':[-1,4],'datatype':'FP32','data':[]"), "whole number, 0 or more, got -1");
        refuses("iris", x("'shape':[9223372036854775807,4],'datatype':'FP32','data':[]"), "more elements than memory");
        refuses("iris", x("'shape':[99999999999999999999,4],'datatype':'FP32','data':[]"), "whole number");
        refuses("iris", x("'shape':['a'],'datatype':'FP32','data':[]"), "whole number, 0 or more, got a");
        refuses(
                "iris",
                x("'shape':[1,4],'datatype':'FP32','data':[1,2,null,4]"),
                "element 2 must be a number (FP32), got null");
        refuses(
                "iris",
                x("'shape':[1,4],'datatype':'FP32','data':[1,'two',3,4]"),
                "element 1 must be a number (FP32), got the string \"two\"");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,1e39]"), "element 3, 1e39, does not fit FP32");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,NaN]"), "not JSON");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,{}]"), "got an object");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,4]") + "x", "goes on after");
        refuses("iris", x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,4]") + "[]", "goes on after");
        String right = x("'shape':[1,4],'datatype':'FP32','data':[1,2,3,4]");
        refuses("iris", right.replace("]}]}", "]}],'outputs':[{'name':'z'}]}"), "unknown output \"z\"", "\"label\"");
        refuses("iris", right.replace("]}]}", "]}],'outputs':[{'name':'label'},{'name':'label'}]}"), "asked for twice");
        refuses("iris", right.replace("]}]}", "]}],'outputs':[{}]}"), "no \"name\"");
        refuses("iris", right.replace("]}]}", "]},{'name':'X'}]}"), "given twice");
        refuses("identity-int8", in("x", "'shape':[1,1],'datatype':'INT8','data':[128]"), "128, does not fit INT8");
        refuses(
                "identity-int64",
                in("x", "'shape':[1,1],'datatype':'INT64','data':[1.5]"),
                "whole number (INT64), got 1.5");
        refuses("identity-uint64", in("x", "'shape':[1,1],'datatype':'UINT64','data':[-1]"), "does not fit UINT64");
        refuses(
                "identity-uint64",
                in("x", "'shape':[1,1],'datatype':'UINT64','data':[18446744073709551616]"),
                "does not fit UINT64");
        refuses("identity-fp16", in("x", "'shape':[1,1],'datatype':'FP16','data':[65520]"), "does not fit FP16");
        refuses("identity-bool", in("x", "'shape':[1,1],'datatype':'BOOL','data':['yes']"), "true or false");
        refuses(
                "identity-string",
                in("x", "'shape':[1,1],'datatype':'BYTES','data':[1]"),
                "must be a string (BYTES), got 1");
    }

    @Test
    void repeatsWhatTheModelSaysAgainstItsInputs() {
        refuses(
                "fails-on-odd",
                in("x", "'shape':[7],'datatype':'FP32','data':[1,2,3,4,5,6,7]"),
                "the model refuses these inputs",
                "Reshape");
    }

    @Test
    void aRefusedRequestLeavesNothingBehind() throws Exception {
        try (InProcess server = new InProcess("identity-fp32")) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> server.v2(in("x", "'shape':[1,4],'datatype':'FP32','data':[1,2,3,'4']")
                                .replace('\'', '"')))
                        .isInstanceOf(RequestException.class);
                assertThat(server.v2(in("x", "'shape':[1,1],'datatype':'FP32','data':[7]")
                                .replace('\'', '"')))
                        .endsWith("\"data\":[7.0]}]}");
            }
        }
    }

    private static String x(String fields) {
        return in("X", fields);
    }

    private static String in(String name, String fields) {
        return "{'inputs':[{'name':'" + name + "'," + fields + "}]}";
    }
}
