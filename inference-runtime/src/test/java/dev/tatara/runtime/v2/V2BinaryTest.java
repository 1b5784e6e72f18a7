package dev.tatara.runtime.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Reply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class V2BinaryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] NO_BYTES = {};

    private static Reply ask(String model, String json, byte[]... tensors) throws RequestException {
        try (InProcess server = new InProcess(model)) {
            return server.v2(json.replace('\'', '"'), tensors);
        }
    }

    private static void refuses(String model, String json, byte[] tensors, String... words) {
        try (InProcess server = new InProcess(model)) {
            assertThatThrownBy(() -> server.v2(json.replace('\'', '"'), tensors))
                    .isInstanceOf(RequestException.class)
                    .satisfies(e -> assertThat(((RequestException) e).status()).isEqualTo(400))
                    .satisfies(e -> assertThat(e.getMessage()).contains(words));
        }
    }

    private static JsonNode json(Reply reply) throws Exception {
        byte[] body = reply.body().toByteArray();
        return JSON.readTree(body, 0, reply.jsonLength() < 0 ? body.length : reply.jsonLength());
    }

    private static byte[] binary(Reply reply) {
        byte[] body = reply.body().toByteArray();
        return Arrays.copyOfRange(body, reply.jsonLength(), body.length);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fp32   | 0000803f 000020c0 0000c07f 0000807f
            fp64   | 000000000000f03f 00000000000004c0 000000000000f87f 000000000000f07f
            fp16   | 003c 00c1 007e 007c
            bf16   | 803f 20c0 c07f 807f
            int8   | 80 7f 00 01
            int16  | 0080 ff7f 0000 0100
            int32  | 00000080 ffffff7f 00000000 01000000
            int64  | 0000000000000080 ffffffffffffff7f 0000000000000000 0100000000000000
            uint8  | 00 ff 80 01
            uint16 | 0000 ffff 0080 0100
            uint32 | 00000000 ffffffff 00000080 01000000
            uint64 | 0000000000000000 ffffffffffffffff 0000000000000080 0100000000000000
            bool   | 00 01 01 00
            string | 00000000 03000000616263 02000000ff00 0400000030ed86b0
            """)
    void carriesEveryTypeBothWays(String type, String elements) throws Exception {
        byte[] sent = hex(elements);
        String datatype = type.equals("string") ? "BYTES" : type.toUpperCase(java.util.Locale.ROOT);
        Reply reply = ask(
                "identity-" + type,
                "{'inputs':[{'name':'x','shape':[2,2],'datatype':'" + datatype
                        + "','parameters':{'binary_data_size':" + sent.length
                        + "}}],'parameters':{'binary_data_output':true}}",
                sent);
        JsonNode output = json(reply).get("outputs").get(0);
        assertThat(output.toString())
                .isEqualTo("{\"name\":\"y\",\"datatype\":\"" + datatype
                        + "\",\"shape\":[2,2],\"parameters\":{\"binary_data_size\":" + sent.length + "}}");
        assertThat(reply.contentType()).hasToString("application/octet-stream");
        assertThat(binary(reply)).isEqualTo(sent);
    }

    @Test
    void mixesJsonAndBinaryInputsAndOutputs() throws Exception {
        String inputs =
                "'inputs':[{'name':'price','parameters':{'binary_data_size':8},'shape':[1,2],'datatype':'FP32'},"
                        + "{'name':'count','shape':[1,2],'datatype':'INT64','data':[3,4]}]";
        Reply reply = ask(
                "two-in-two-out",
                "{" + inputs
                        + ",'outputs':[{'name':'minus_count'},{'name':'total','parameters':{'binary_data':true}}]}",
                floats(1.5f, 2));
        assertThat(json(reply).get("outputs").get(0).get("data").toString()).isEqualTo("[-3,-4]");
        assertThat(json(reply).get("outputs").get(1).has("data")).isFalse();
        Reply reversed = ask(
                "two-in-two-out",
                "{'parameters':{'binary_data_output':true}," + inputs
                        + ",'outputs':[{'name':'minus_count'},{'name':'total','parameters':{'binary_data':false}}]}",
                floats(1.5f, 2));
        assertThat(json(reversed).get("outputs").get(1).has("data")).isTrue();
        assertThat(binary(reversed)).isEqualTo(hex("fdffffffffffffff fcffffffffffffff"));
    }

    @Test
    void takesBinaryInputsInTheOrderOfTheJson() throws Exception {
        Reply reply = ask(
                "two-in-two-out",
                "{'inputs':[{'name':'count','shape':[1,2],'datatype':'INT64','parameters':{'binary_data_size':16}},"
                        + "{'name':'price','shape':[1,2],'datatype':'FP32','parameters':{'binary_data_size':8}}]}",
                hex("0300000000000000 0100000000000000"),
                floats(1.5f, 2));
        assertThat(json(reply).get("outputs").get(0).get("data").get(0).asDouble())
                .isEqualTo(4.5);
        assertThat(reply.jsonLength()).isEqualTo(-1);
    }

    @Test
    void carriesEmptyTensors() throws Exception {
        Reply reply = ask(
                "identity-fp32",
                "{'inputs':[{'name':'x','shape':[0,4],'datatype':'FP32','parameters':{'binary_data_size':0}}],"
                        + "'parameters':{'binary_data_output':true}}",
                NO_BYTES);
        assertThat(json(reply).get("outputs").get(0).get("shape").toString()).isEqualTo("[0,4]");
        assertThat(binary(reply)).isEmpty();
    }

    @Test
    void namesTheLargestClasses() throws Exception {
        String request =
                "{'inputs':[{'name':'X','shape':[2,4],'datatype':'FP32','data':[5.1,3.5,1.4,0.2,6.3,3.3,6,2.5]}],"
                        + "'outputs':[{'name':'probabilities','parameters':{'classification':2}}]}";
        JsonNode output = json(ask("iris", request)).get("outputs").get(0);
        assertThat(output.get("datatype").asText()).isEqualTo("BYTES");
        assertThat(output.get("shape").toString()).isEqualTo("[2,2]");
        assertThat(output.get("data").get(0).asText()).matches("0\\.9\\d+:0");
        assertThat(output.get("data").get(2).asText()).matches("0\\.\\d+:2");
    }

    @Test
    void refusesWhatDoesNotAddUp() {
        String x = "{'inputs':[{'name':'x','shape':[1,2],'datatype':'FP32','parameters':{'binary_data_size':%s}}]}";
        byte[] two = floats(1, 2);
        refuses("identity-fp32", x.formatted("4"), two, "needs 8 bytes", "has 4");
        refuses("identity-fp32", x.formatted("8"), floats(1), "\"binary_data_size\" is 8", "4 bytes are left");
        refuses("identity-fp32", x.formatted("8"), NO_BYTES, "Inference-Header-Content-Length");
        refuses("identity-fp32", x.formatted("8"), floats(1, 2, 3), "4 bytes more");
        refuses("identity-fp32", x.formatted("-1"), two, "whole number", "-1");
        refuses("identity-fp32", x.formatted("8.5"), two, "whole number", "8.5");
        refuses("identity-fp32", x.formatted("'8'"), two, "whole number");
        refuses("identity-fp32", x.formatted("99999999999999999999"), two, "whole number");
        refuses("identity-fp32", x.formatted("4294967304"), two, "4294967304", "8 bytes are left");
        refuses("identity-fp32", x.formatted("8,'shared_memory_region':'r'"), two, "shared memory");
        refuses("identity-fp32", x.replace("}}]}", "},'data':[1,2]}]}").formatted("8"), two, "both \"data\" and");
        refuses("identity-fp32", x.formatted("8").replace("[1,2]", "[1,4611686018427387904]"), two, "memory holds");
        refuses("identity-fp32", x.formatted("8").replace("FP32", "FP64"), two, "expected datatype FP32, got FP64");
        String bool = x.replace("FP32", "BOOL").formatted("2");
        refuses("identity-bool", bool, new byte[] {1, 2}, "0 or 1 (BOOL), got 2");
        String text = x.replace("FP32", "BYTES");
        refuses("identity-string", text.formatted("3"), hex("000000"), "length");
        refuses("identity-string", text.formatted("8"), hex("0500000061626364"), "5 bytes", "4 are left");
        refuses("identity-string", text.formatted("8"), hex("ffffffff61626364"), "4294967295 bytes");
        refuses("identity-string", text.formatted("5"), hex("0100000061"), "needs 2 elements", "has 1");
    }

    @Test
    void refusesParametersThatMakeNoSense() {
        String end = "'inputs':[{'name':'x','shape':[1,1],'datatype':'FP32','data':[1]}]}";
        refuses("identity-fp32", "{'parameters':[]," + end, NO_BYTES, "\"parameters\" must be an object");
        refuses("identity-fp32", "{'parameters':{'timeout':-1}," + end, NO_BYTES, "timeout");
        refuses("identity-fp32", "{'parameters':{'binary_data_output':1}," + end, NO_BYTES, "true or false");
        refuses(
                "identity-fp32",
                "{'outputs':[{'name':'y','parameters':{'binary_data':'yes'}}]," + end,
                NO_BYTES,
                "true or false");
    }

    @Test
    void readsOverParametersThatAreForOthers() throws Exception {
        Reply reply = ask(
                "identity-fp32",
                "{'parameters':{'sequence_id':7,'priority':1,'deep':{'a':[1]},'timeout':5000000},"
                        + "'inputs':[{'name':'x','parameters':{'content_type':'np'},'shape':[1,1],'datatype':'FP32',"
                        + "'data':[1]}],'outputs':[{'name':'y','parameters':null}]}");
        assertThat(json(reply).get("outputs").get(0).get("data").toString()).isEqualTo("[1.0]");
    }
}
