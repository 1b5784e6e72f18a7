package dev.tatara.runtime.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.model.ModelFacts;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferTest {
    private static final String IRIS_RAW = "raw_output_contents: '\\000\\000\\000\\000\\000\\000\\000\\000'";

    private static String ask(String model, String request) throws RequestException {
        try (Inferring server = new Inferring(model)) {
            return server.ask("model_name: '" + model + "' " + request);
        }
    }

    private static void refuses(int status, String model, String request, String... words) {
        try (Inferring server = new Inferring(model)) {
            assertThatThrownBy(() -> server.ask(request))
                    .isInstanceOf(RequestException.class)
                    .satisfies(e -> assertThat(((RequestException) e).status())
                            .as(e.getMessage())
                            .isEqualTo(status))
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }

    private static void refuses(String model, String request, String... words) {
        refuses(400, model, "model_name: '" + model + "' " + request, words);
    }

    /** As tritonclient 2.73, kserve 0.21 and mlserver 1.7 sent them. */
    @ParameterizedTest
    @CsvSource({
        "tritonclient, 0a04697269731a023432220b0a0377686f12041a026d652a0d0a01581204465033321a02010432070a056c6162656c3a103333a340000060403333b33fcdcc4c3e, true",
        "kserve-raw, 0a04697269731a0234322a250a01581204465033321a02010422160a1062696e6172795f646174615f73697a65120210103a103333a340000060403333b33fcdcc4c3e, true",
        "kserve, 0a04697269731a0234322a210a01581204465033321a0201042a1232103333a340000060403333b33fcdcc4c3e, false",
        "mlserver-raw, 0a04697269731a0234322a250a01581204465033321a02010422140a0c636f6e74656e745f7479706512041a026e702a003a103333a340000060403333b33fcdcc4c3e, true",
        "mlserver, 0a04697269731201311a0234322a370a01581204465033321a02010422140a0c636f6e74656e745f7479706512041a026e702a1232103333a340000060403333b33fcdcc4c3e, false"
    })
    void readsWhatClientsSend(String client, String hex, boolean raw) throws Exception {
        try (Inferring server = new Inferring("iris")) {
            String answer = Protobuf.text(Protobuf.parse(
                    "ModelInferResponse", server.infer(HexFormat.of().parseHex(hex))));
            assertThat(answer)
                    .as(client)
                    .startsWith("model_name: 'iris' model_version: '1' id: '42' "
                            + "outputs { name: 'label' datatype: 'INT64' shape: 1 "
                            + (raw ? "}" : "contents { int64_contents: 0 } }"));
            if (raw) {
                assertThat(answer).contains(IRIS_RAW);
            } else {
                assertThat(answer).contains("fp32_contents: 0.98");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            fp32   | fp32_contents: [0.1, -3.4028235E38, 1.4E-45, NaN]
            fp64   | fp64_contents: [0.1, 1.7976931348623157E308, 4.9E-324, Infinity]
            int8   | int_contents: [-128, 127, 0, 1]
            int16  | int_contents: [-32768, 32767, 0, 1]
            int32  | int_contents: [-2147483648, 2147483647, 0, -1]
            int64  | int64_contents: [-9223372036854775808, 9223372036854775807, 0, -1]
            uint8  | uint_contents: [0, 255, 128, 1]
            uint16 | uint_contents: [0, 65535, 128, 1]
            uint32 | uint_contents: [0, 4294967295, 128, 1]
            uint64 | uint64_contents: [0, 18446744073709551615, 128, 1]
            bool   | bool_contents: [true, false, false, true]
            string | bytes_contents: ['', 'a', 'z\\303\\274rich', '\\000\\001']
            """)
    void answersTypedContentsWithTypedContents(String model, String contents) throws Exception {
        String datatype = model.equals("string") ? "BYTES" : model.toUpperCase(java.util.Locale.ROOT);
        String asked = "name: 'x' datatype: '" + datatype + "' shape: [2, 2] contents { " + contents + " }";
        String answer = ask("identity-" + model, "inputs { " + asked + " }");
        // Text format prints repeated fields one by one.
        String field = contents.substring(0, contents.indexOf(':'));
        String expected = contents.substring(contents.indexOf('[') + 1, contents.indexOf(']'))
                .replaceAll("(?<=^|, )", field + ": ")
                .replace(",", "");
        assertThat(answer)
                .isEqualTo("model_name: 'identity-" + model + "' model_version: '1' outputs { name: 'y' datatype: '"
                        + datatype + "' shape: 2 shape: 2 contents { " + expected + " } }");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            fp32,   \\001\\002\\003\\004\\005\\006\\a\\b
            fp64,   \\001\\002\\003\\004\\005\\006\\a\\b\\000\\000\\000\\000\\000\\000\\000\\377
            fp16,   \\001\\002\\000<
            bf16,   \\001\\002\\200?
            int8,   \\001\\377
            int16,  \\001\\002\\377\\377
            int32,  \\001\\002\\003\\004\\377\\377\\377\\377
            int64,  \\001\\002\\003\\004\\005\\006\\a\\b\\000\\000\\000\\000\\000\\000\\000\\200
            uint8,  \\001\\377
            uint16, \\001\\002\\377\\377
            uint32, \\001\\002\\003\\004\\377\\377\\377\\377
            uint64, \\001\\002\\003\\004\\005\\006\\a\\b\\377\\377\\377\\377\\377\\377\\377\\377
            bool,   \\001\\000
            string, \\003\\000\\000\\000abc\\000\\000\\000\\000
            """)
    void answersRawContentsWithRawContents(String model, String raw) throws Exception {
        String datatype = model.equals("string") ? "BYTES" : model.toUpperCase(java.util.Locale.ROOT);
        String answer = ask(
                "identity-" + model,
                "inputs { name: 'x' datatype: '" + datatype + "' shape: [1, 2] } raw_input_contents: '" + raw + "'");
        assertThat(answer)
                .isEqualTo("model_name: 'identity-" + model + "' model_version: '1' outputs { name: 'y' datatype: '"
                        + datatype + "' shape: 1 shape: 2 } raw_output_contents: '" + raw + "'");
    }

    @Test
    void halfPrecisionIsAlwaysAnsweredRaw() throws Exception {
        assertThat(ask(
                        "add-fp16",
                        "inputs { name: 'a' datatype: 'FP16' shape: 1 } inputs { name: 'b' datatype: 'FP16' shape: 1 } "
                                + "raw_input_contents: '\\000<' raw_input_contents: '\\000@'"))
                .endsWith("outputs { name: 'sum' datatype: 'FP16' shape: 1 } raw_output_contents: '\\000B'");
        refuses(
                "identity-fp16",
                "inputs { name: 'x' datatype: 'FP16' shape: [1, 1] contents { fp32_contents: 1 } }",
                "FP16, which comes in \"raw_input_contents\" only, got \"fp32_contents\"");
    }

    @Test
    void tensorsWithoutElements() throws Exception {
        String empty = "inputs { name: 'x' datatype: 'FP32' shape: [0, 3] }";
        assertThat(ask("identity-fp32", empty)).endsWith("shape: 0 shape: 3 contents { } }");
        assertThat(ask("identity-fp32", empty + " raw_input_contents: ''"))
                .endsWith("shape: 0 shape: 3 } raw_output_contents: ''");
    }

    @Test
    void severalInputsInAnyOrderAndOutputsAsAsked() throws Exception {
        String a = "inputs { name: 'a' datatype: 'FP32' shape: [1, 3] %s }";
        String b = "inputs { name: 'b' datatype: 'FP32' shape: [1, 3] %s }";
        String ones = "contents { fp32_contents: [1, 1, 1] }";
        String twos = "contents { fp32_contents: [2, 2, 3] }";
        String sum = "fp32_contents: 3.0 fp32_contents: 3.0 fp32_contents: 4.0";
        assertThat(ask("add", a.formatted(ones) + b.formatted(twos))).contains(sum);
        assertThat(ask("add", b.formatted(ones) + a.formatted(twos))).contains(sum);
        // MLServer's clients mix both ways; raw contents belong to the inputs without others.
        String raw = "raw_input_contents: '\\000\\000\\200?\\000\\000\\200?\\000\\000\\200?'";
        assertThat(ask("add", a.formatted("") + b.formatted(twos) + raw)).contains("raw_output_contents:");
        assertThat(ask("add", raw + b.formatted(twos) + a.formatted(""))).contains("raw_output_contents:");
        String iris =
                "inputs { name: 'X' datatype: 'FP32' shape: [1, 4] contents { fp32_contents: [6.3, 3.3, 6, 2.5] } }";
        assertThat(ask("iris", iris + "outputs { name: 'probabilities' } outputs { name: 'label' }"))
                .containsSubsequence("name: 'probabilities'", "name: 'label'", "int64_contents: 2");
        assertThat(ask("iris", iris + "outputs { name: 'label' }")).doesNotContain("probabilities");
    }

    @Test
    void mapsAreAnsweredAsTexts() throws Exception {
        assertThat(
                        ask(
                                "iris-zipmap",
                                "inputs { name: 'X' datatype: 'FP32' shape: [1, 4] contents { fp32_contents: [6.3, 3.3, 6, 2.5] } }"))
                .contains("datatype: 'BYTES' shape: 1 contents { bytes_contents: '{\\'0\\':");
    }

    @Test
    void whatOldClientsSendUnpackedOrInParts() throws Exception {
        try (Inferring server = new Inferring("iris")) {
            // shape as two fields, contents in two parts, numbers one by one
            byte[] input = HexFormat.of()
                    .parseHex("0a0158" + "1204" + "46503332" + "1801" + "1804" + "2a0a" + "353333a340" + "3500006040"
                            + "2a0a" + "353333b33f" + "35cdcc4c3e");
            Message request = new Message().bytes(5, input).text(1, "iris").number(99, 7);
            assertThat(Protobuf.text(Protobuf.parse("ModelInferResponse", server.infer(request.toByteArray()))))
                    .contains("int64_contents: 0", "fp32_contents: 0.98");
        }
    }

    @Test
    void namesWhatIsWrong() {
        String x = "inputs { name: 'X' datatype: 'FP32' shape: [1, 4] %s }";
        String right = "contents { fp32_contents: [1, 2, 3, 4] }";
        refuses(404, "iris", "model_name: 'other' " + x.formatted(right), "unknown model \"other\"", "serves \"iris\"");
        refuses(404, "iris", "model_name: 'iris' model_version: '7'", "no version \"7\"", "version \"1\"");
        refuses(400, "iris", x.formatted(right), "\"model_name\" is missing");
        refuses("iris", "", "input \"X\" is missing", "FP32 [-1, 4]");
        refuses("iris", "inputs { name: 'Y' }", "unknown input \"Y\"", "\"X\" (FP32 [-1, 4])");
        refuses("iris", "inputs { datatype: 'FP32' }", "an input has no \"name\"");
        refuses("iris", "inputs { name: 'X' shape: [1, 4] }", "has no \"datatype\"", "FP32");
        refuses("iris", "inputs { name: 'X' datatype: 'FP64' }", "expected datatype FP32, got FP64");
        refuses("iris", "inputs { name: 'X' datatype: 'FP32' }", "expected shape [-1, 4], got []");
        refuses("iris", "inputs { name: 'X' datatype: 'FP32' shape: [1, 3] }", "expected shape [-1, 4], got [1, 3]");
        refuses("iris", "inputs { name: 'X' datatype: 'FP32' shape: [-1, 4] }", "0 or more, got -1");
        refuses("iris", x.formatted(""), "needs 4 elements, \"contents\" has 0");
        refuses("iris", x.formatted("contents { fp32_contents: [1, 2] }"), "needs 4 elements, \"contents\" has 2");
        refuses(
                "iris",
                x.formatted("contents { fp32_contents: [1, 2, 3, 4, 5] }"),
                "more elements than \"shape\" says");
        refuses(
                "iris",
                x.formatted("contents { int_contents: 1 }"),
                "belongs in \"fp32_contents\", got \"int_contents\"");
        refuses("iris", x.formatted(right) + x.formatted(right), "given twice");
        refuses(
                "iris",
                x.formatted(right) + "raw_input_contents: ''",
                "has 1 entries for 0 inputs without \"contents\"");
        refuses("iris", x.formatted("") + "raw_input_contents: 'abc'", "needs 16 bytes of FP32", "has 3");
        refuses("iris", x.formatted(right) + "outputs { name: 'z' }", "unknown output \"z\"", "\"label\"");
        refuses("iris", x.formatted(right) + "outputs { name: 'label' } outputs { name: 'label' }", "asked for twice");
        refuses("iris", x.formatted(right) + "outputs { }", "no \"name\"");
        String largest = "outputs { name: 'label' parameters { key: 'classification' value { %s } } }";
        refuses(
                "iris",
                x.formatted(right) + largest.formatted("int64_param: 10001"),
                "\"classification\" must be a whole number from 0 to 10000, got 10001");
        refuses("iris", x.formatted(right) + largest.formatted("int64_param: -1"), "from 0 to 10000, got -1");
        refuses("iris", x.formatted(right) + largest.formatted("string_param: '2'"), "whole number from 0 to 10000");
        refuses(
                "iris",
                x.formatted("parameters { key: 'shared_memory_region' value { string_param: 'a' } }"),
                "shared memory");
        String big = "inputs { name: 'x' datatype: '%s' shape: [1, %s] %s }";
        refuses(
                "identity-int8",
                big.formatted("INT8", "1", "contents { int_contents: 128 }"),
                "element 0, 128, does not fit INT8");
        refuses(
                "identity-uint8",
                big.formatted("UINT8", "1", "contents { uint_contents: 256 }"),
                "element 0, 256, does not fit UINT8");
        refuses(
                "identity-fp32",
                big.formatted("FP32", "9223372036854775807", "") + "raw_input_contents: ''",
                "needs more than memory holds");
        refuses(
                "identity-bool",
                big.formatted("BOOL", "1", "") + "raw_input_contents: '\\002'",
                "the byte 0 or 1",
                "got 2");
        refuses(
                "identity-string",
                big.formatted("BYTES", "1", "") + "raw_input_contents: '\\001'",
                "ends within the length");
        refuses(
                "identity-string",
                big.formatted("BYTES", "1", "") + "raw_input_contents: '\\377\\377\\377\\377abc'",
                "should have 4294967295 bytes, 3 are left");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void namesTheLargestClasses(boolean raw) throws Exception {
        String rows = "model_name: 'iris' inputs { name: 'X' datatype: 'FP32' shape: [2, 4] %s } %s outputs { name:"
                + " 'label' } outputs { name: 'probabilities' parameters { key: 'other' value { string_param: 'x' } }"
                + " parameters { key: 'classification' value { int64_param: 2 } } }";
        String request = raw
                ? rows.formatted("", "raw_input_contents: '" + "\\000".repeat(32) + "'")
                : rows.formatted("contents { fp32_contents: [5.1, 3.5, 1.4, 0.2, 6.3, 3.3, 6, 2.5] }", "");
        ModelFacts facts = new ModelFacts(
                List.of(), List.of("setosa", "versicolor"), Optional.empty(), Optional.empty(), Map.of());
        try (Inferring server = new Inferring("iris", facts)) {
            String answer = server.ask(request);
            assertThat(answer)
                    .contains("name: 'label' datatype: 'INT64' shape: 2")
                    .contains("name: 'probabilities' datatype: 'BYTES' shape: 2 shape: 2");
            if (raw) {
                assertThat(answer).containsPattern("\\d:\\d");
            } else {
                assertThat(answer)
                        .as("the third class has no name")
                        .containsPattern("bytes_contents: '0\\.9\\d+:0:setosa'")
                        .containsPattern("bytes_contents: '0\\.\\d+:2'");
            }
        }
    }

    @Test
    void smallNumbersDoNotGrowBeyondTheBound() {
        String zeros = "0, ".repeat((int) Inferring.MOST_BYTES / 8);
        refuses(
                413,
                "identity-int64",
                "model_name: 'identity-int64' inputs { name: 'x' datatype: 'INT64' shape: [1, 131073] contents { int64_contents: ["
                        + zeros + "0] } }",
                "takes more than 1048576 bytes",
                "max-body-bytes");
    }
}
