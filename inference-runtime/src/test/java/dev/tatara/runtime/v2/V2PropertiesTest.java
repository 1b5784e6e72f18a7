package dev.tatara.runtime.v2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class V2PropertiesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static InProcess floats;
    private static InProcess doubles;
    private static InProcess strings;
    private static InProcess iris;

    @BeforeContainer
    static void open() {
        floats = new InProcess("identity-fp32");
        doubles = new InProcess("identity-fp64");
        strings = new InProcess("identity-string");
        iris = new InProcess("iris");
    }

    @AfterContainer
    static void close() {
        floats.close();
        doubles.close();
        strings.close();
        iris.close();
    }

    @Property
    void floatsComeBackAsTheyWere(@ForAll @Size(min = 1, max = 50) float[] values) throws Exception {
        JsonNode data = data(floats.v2(body("FP32", values.length, JSON.writeValueAsString(values))));
        for (int i = 0; i < values.length; i++) {
            assertThat(Float.parseFloat(data.get(i).asText())).isEqualTo(values[i]);
        }
    }

    @Property
    void doublesComeBackAsTheyWere(@ForAll @Size(min = 1, max = 50) double[] values) throws Exception {
        JsonNode data = data(doubles.v2(body("FP64", values.length, JSON.writeValueAsString(values))));
        for (int i = 0; i < values.length; i++) {
            assertThat(data.get(i).asDouble()).isEqualTo(values[i]);
        }
    }

    @Property
    void stringsComeBackAsTheyWere(@ForAll @Size(min = 1, max = 20) String[] values) throws Exception {
        // Half a surrogate pair has no UTF-8.
        String[] sent = Arrays.stream(values)
                .map(value -> new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .toArray(String[]::new);
        JsonNode data = data(strings.v2(body("BYTES", sent.length, JSON.writeValueAsString(sent))));
        for (int i = 0; i < sent.length; i++) {
            assertThat(data.get(i).asText()).isEqualTo(sent[i]);
        }
    }

    @Property(tries = 3_000)
    void aDamagedBodyIsAnsweredOrRefused(
            @ForAll @IntRange(max = 90) int position, @ForAll byte value, @ForAll @IntRange(max = 3) int cut) {
        byte[] body =
                "{\"id\":\"1\",\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2]}]}"
                        .getBytes(StandardCharsets.ISO_8859_1);
        body[Math.min(position, body.length - 1)] = value;
        String damaged = new String(body, 0, body.length - cut, StandardCharsets.ISO_8859_1);
        try {
            assertThat(iris.v2(damaged)).contains("\"outputs\"");
        } catch (RequestException e) {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.getMessage())
                    .hasSizeBetween(5, 500)
                    .doesNotContain("Exception")
                    .doesNotContain("\n");
        }
    }

    private static String body(String datatype, int count, String data) {
        return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1," + count + "],\"datatype\":\"" + datatype + "\",\"data\":"
                + data + "}]}";
    }

    private static JsonNode data(String answer) throws Exception {
        return JSON.readTree(answer).get("outputs").get(0).get("data");
    }
}
