package dev.tatara.runtime.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.routing.AnswerComparison.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonComparisonTest {
    private static Answer json(String text) {
        return new Answer(text.getBytes(StandardCharsets.UTF_8), -1);
    }

    private static String difference(String one, String other) {
        return new JsonComparison().difference(json(one), json(other), 1e-3);
    }

    private static Answer binary(float... values) {
        String head = "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2],"
                + "\"parameters\":{\"binary_data_size\":" + 4 * values.length + "}}]}";
        ByteBuffer floats = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            floats.putFloat(value);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(floats.array());
        return new Answer(all.toByteArray(), head.length());
    }

    @Test
    void namesAndTimesDoNotCount() {
        assertThat(difference(
                        "{\"prediction\":1,\"model_version\":\"2\",\"request_id\":\"a\",\"latency_ms\":1.5}",
                        "{\"prediction\":1,\"model_version\":\"3\",\"request_id\":\"b\",\"latency_ms\":0.2}"))
                .isNull();
        assertThat(difference(
                        "{\"model_name\":\"m\",\"id\":\"1\",\"outputs\":[]}",
                        "{\"model_name\":\"n\",\"id\":\"2\",\"outputs\":[]}"))
                .isNull();
    }

    @Test
    void numbersMayDifferWithinTheTolerance() {
        assertThat(difference("[1000, 0.0001, -2]", "[1000.9, 0.0002, -2.0]")).isNull();
        assertThat(difference("{\"data\":[1000, 5]}", "{\"data\":[1002, 5]}")).isEqualTo("/data/0: 1000 against 1002");
        assertThat(difference("[0.001]", "[0.0025]")).contains("0.001 against 0.0025");
    }

    @Test
    void shapeTextAndOrderCount() {
        assertThat(difference("[1,2]", "[1,2,3]")).contains("END_ARRAY against VALUE_NUMBER_INT");
        assertThat(difference("{\"a\":\"x\"}", "{\"a\":\"y\"}")).isEqualTo("/a: \"x\" against \"y\"");
        assertThat(difference("{\"a\":1}", "{\"b\":1}")).isEqualTo("/a against /b");
        assertThat(difference("[null]", "[0]")).contains("VALUE_NULL against VALUE_NUMBER_INT");
        assertThat(difference("[true]", "[false]")).contains("VALUE_TRUE against VALUE_FALSE");
        assertThat(difference("[1", "[1")).contains("can't be read");
    }

    @Test
    void binaryTensorsAreComparedByTheirType() {
        JsonComparison comparison = new JsonComparison();
        assertThat(comparison.difference(binary(1, Float.NaN), binary(1.0005f, Float.NaN), 1e-3))
                .isNull();
        assertThat(comparison.difference(binary(1, 2), binary(1, 2.1f), 1e-3))
                .isEqualTo("binary output 0, element 1: 2.0 against " + (double) 2.1f);
        assertThat(comparison.difference(binary(1, 2), binary(1), 1e-3)).contains("8 against 4");
        assertThat(TensorBytes.difference("INT64", new byte[] {1, 2}, new byte[] {1, 3}, 1))
                .isEqualTo("another byte 1");
        assertThat(TensorBytes.difference("BYTES", new byte[1], new byte[2], 1)).isEqualTo("1 bytes against 2");
        // 1.0 and the next number of each.
        assertThat(TensorBytes.difference("FP16", new byte[] {0, 0x3c}, new byte[] {1, 0x3c}, 1e-3))
                .isNull();
        assertThat(TensorBytes.difference("BF16", new byte[] {(byte) 0x80, 0x3f}, new byte[] {(byte) 0x81, 0x3f}, 1e-3))
                .isNotNull();
    }
}
