package dev.tatara.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ModelHeaderTest {
    @Test
    void readsOperatorSetsAndProducer() throws Exception {
        ModelHeader add = ModelHeader.read(Models.path("add"));
        assertThat(add.irVersion()).isEqualTo(8);
        assertThat(add.producer()).isEqualTo("tatara-test-models 1");
        assertThat(add.defaultOpset()).contains(17L);
        ModelHeader iris = ModelHeader.read(Models.path("iris"));
        assertThat(iris.producer()).startsWith("skl2onnx");
        assertThat(iris.opsets()).containsKey("ai.onnx.ml");
        assertThat(ModelHeader.read(Models.path("opset-999")).defaultOpset()).contains(999L);
    }

    @Test
    void tellsWhatIsNoModel() {
        for (String text :
                new String[] {"", "this is no model", "{\"json\": true}", "\u0089PNG\r\n\u001a\n", "PK\u0003\u0004zip"
                }) {
            assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(text)
                    .isInstanceOf(ModelFormatException.class)
                    .satisfies(e -> assertThat(((ModelFormatException) e).kind())
                            .isEqualTo(ModelFormatException.Kind.NOT_ONNX));
        }
    }

    @Test
    void tellsAModelThatWasCutOff() throws Exception {
        byte[] whole = Models.bytes("two-in-two-out");
        for (int length = 3; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            ModelHeader header;
            try {
                header = read(part);
            } catch (ModelFormatException e) {
                assertThat(e.kind()).as("cut at %d", length).isEqualTo(ModelFormatException.Kind.TRUNCATED);
                continue;
            }
            // A cut between the graph and the operator sets behind it shows by their absence.
            assertThat(header.defaultOpset()).as("cut at %d", length).isEmpty();
        }
    }

    @Property(tries = 2_000)
    void garbageNeverGivesAnythingButItsOwnException(@ForAll @Size(max = 300) byte[] bytes) {
        readOrRefuse(bytes);
    }

    @Property(tries = 2_000)
    void aDamagedModelNeverGivesAnythingButItsOwnException(
            @ForAll @IntRange(max = 400) int position, @ForAll byte value, @ForAll byte next) {
        byte[] bytes = Models.bytes("iris");
        bytes[position] = value;
        bytes[position + 1] = next;
        readOrRefuse(bytes);
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            assertThat(read(bytes)).isNotNull();
        } catch (ModelFormatException e) {
            assertThat(e).hasMessageMatching("(?s).{5,200}");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ModelHeader read(byte[] bytes) throws IOException, ModelFormatException {
        return ModelHeader.read(new ByteArrayInputStream(bytes));
    }
}
