package dev.tatara.runtime.grpc;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DynamicMessage;
import dev.tatara.runtime.inference.RequestException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class InferPropertiesTest {
    /** Every kind of field, so that damage hits all of them. */
    private static final byte[] EVERYTHING = Protobuf.request("""
            model_name: 'two-in-two-out' model_version: '1' id: 'é' parameters { key: 'timeout' value { int64_param: 9000000 } }
            inputs { name: 'price' datatype: 'FP32' shape: [1, 2] parameters { key: 'a' value { double_param: 1 } }
                     contents { fp32_contents: [1.5, 2] } }
            inputs { name: 'count' datatype: 'INT64' shape: [1, 2] }
            outputs { name: 'total' parameters { key: 'b' value { string_param: 'c' } } }
            raw_input_contents: '\\001\\000\\000\\000\\000\\000\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000'
            """);

    private static Inferring ints;
    private static Inferring strings;
    private static Inferring two;
    private static Inferring iris;

    @BeforeContainer
    static void open() {
        ints = new Inferring("identity-int64");
        strings = new Inferring("identity-string");
        two = new Inferring("two-in-two-out");
        iris = new Inferring("iris");
    }

    @AfterContainer
    static void close() {
        ints.close();
        strings.close();
        two.close();
        iris.close();
    }

    @Property
    void wholeNumbersComeBackAsTheyWere(@ForAll @Size(min = 1, max = 40) long[] values) throws Exception {
        String text = Arrays.toString(values);
        DynamicMessage answer =
                ints.infer("model_name: 'identity-int64' inputs { name: 'x' datatype: 'INT64' shape: [1, "
                        + values.length + "] contents { int64_contents: " + text + " } }");
        String expected = Arrays.stream(values)
                .mapToObj(value -> "int64_contents: " + value)
                .collect(joining(" "));
        assertThat(Protobuf.text(answer)).endsWith("contents { " + expected + " } }");
    }

    @Property
    void rawStringsComeBackAsTheyWere(@ForAll @Size(min = 1, max = 20) byte[][] values) throws Exception {
        byte[] bytes = new byte
                [Arrays.stream(values).mapToInt(value -> value.length + 4).sum()];
        ProtoWriter raw = new ProtoWriter(bytes, 0);
        for (byte[] value : values) {
            raw.int32(value.length).raw(value);
        }
        Message input = new Message().text(1, "x").text(2, "BYTES").bytes(3, new byte[] {1, (byte) values.length});
        byte[] answer = strings.infer(new Message()
                .text(1, "identity-string")
                .message(5, input)
                .bytes(7, bytes)
                .toByteArray());
        assertThat(Protobuf.bytes(Protobuf.parse("ModelInferResponse", answer), "raw_output_contents"))
                .containsExactly(bytes);
    }

    @Property(tries = 5_000)
    void aDamagedMessageIsAnsweredOrRefused(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int wounds)
            throws Exception {
        Random random = new Random(seed);
        byte[] damaged = EVERYTHING.clone();
        for (int i = 0; i < wounds; i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        int cut = random.nextInt(4) == 0 ? random.nextInt(damaged.length) : damaged.length;
        answeredOrRefused(two, Arrays.copyOf(damaged, cut));
    }

    @Property(tries = 2_000)
    void anyBytesAreAnsweredOrRefused(@ForAll @Size(max = 60) byte[] anything) throws Exception {
        answeredOrRefused(iris, anything);
    }

    @Example
    void aMessageThatIsCutAnywhereIsRefused() throws Exception {
        answeredOrRefused(two, EVERYTHING);
        for (int length = 0; length < EVERYTHING.length; length++) {
            answeredOrRefused(two, Arrays.copyOf(EVERYTHING, length));
        }
    }

    private static void answeredOrRefused(Inferring server, byte[] message) throws RequestException {
        try {
            Protobuf.parse("ModelInferResponse", server.infer(message));
        } catch (RequestException e) {
            assertThat(e.status()).isIn(400, 404);
            assertThat(e.getMessage()).hasSizeBetween(5, 600).doesNotContain("Exception");
        }
    }
}
