package dev.tatara.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomOperatorsTest {
    @Test
    void namesThem() throws Exception {
        assertThat(RandomOperators.in(Models.path("random"))).containsExactly("RandomNormalLike");
    }

    @ParameterizedTest
    @ValueSource(strings = {"iris", "iris-zipmap", "add", "medium", "every-type"})
    void mostModelsHaveNone(String model) throws Exception {
        assertThat(RandomOperators.in(Models.path(model))).isEmpty();
    }

    @Test
    void findsThemInSubgraphsAndFunctions() throws Exception {
        byte[] drawn = node("Bernoulli", "x");
        byte[] branch = message(1, drawn);
        byte[] conditional = concatenated(node("If", "x"), message(5, message(6, branch)));
        assertThat(in(message(7, message(1, conditional)))).containsExactly("Bernoulli");
        byte[] branches = concatenated(node("Custom", "x"), message(5, message(11, branch)));
        assertThat(in(message(7, message(1, branches)))).containsExactly("Bernoulli");
        assertThat(in(message(25, message(7, drawn)))).containsExactly("Bernoulli");
    }

    @Test
    void dropoutIsRandomOnlyWhereItMayTrain() throws Exception {
        assertThat(in(message(7, message(1, node("Dropout", "x", "ratio"))))).isEmpty();
        assertThat(in(message(7, message(1, node("Dropout", "x", "ratio", "training")))))
                .containsExactly("Dropout");
    }

    @Test
    void graphsWithinGraphsAreBounded() {
        byte[] graph = message(1, node("Identity", "x"));
        for (int i = 0; i < 200; i++) {
            graph = message(1, concatenated(node("If", "x"), message(5, message(6, graph))));
        }
        byte[] model = message(7, graph);
        assertThatThrownBy(() -> in(model)).isInstanceOf(ModelFormatException.class);
    }

    @Property(tries = 2_000)
    void aDamagedModelNeverGivesAnythingButItsOwnException(
            @ForAll @IntRange(max = 400) int position, @ForAll byte value, @ForAll byte next) throws IOException {
        byte[] bytes = Models.bytes("iris");
        bytes[position] = value;
        bytes[position + 1] = next;
        try {
            assertThat(in(bytes)).isNotNull();
        } catch (ModelFormatException e) {
            assertThat(e).hasMessageMatching("(?s).{5,200}");
        }
    }

    private static Set<String> in(byte[] model) throws IOException, ModelFormatException {
        return RandomOperators.in(new ByteArrayInputStream(model));
    }

    private static byte[] node(String operator, String... inputs) {
        byte[] node = message(4, operator.getBytes(StandardCharsets.US_ASCII));
        for (String input : inputs) {
            node = concatenated(message(1, input.getBytes(StandardCharsets.US_ASCII)), node);
        }
        return node;
    }

    private static byte[] message(int field, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        varint(field << 3 | 2, out);
        varint(content.length, out);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static void varint(int value, ByteArrayOutputStream out) {
        int rest = value;
        while (rest > 0x7f) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
