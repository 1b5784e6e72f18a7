package dev.tatara.runtime.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.routing.AnswerComparison.Answer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageComparisonTest {
    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static Message output(String name) {
        return new Message().text(1, name).text(2, "FP32").numbers(3, List.of(1L, 2L));
    }

    private static Answer raw(String version, String name, float... values) {
        return answer(new Message()
                .text(1, "iris")
                .text(2, version)
                .message(5, output(name))
                .bytes(6, floats(values)));
    }

    private static Answer typed(float... values) {
        return answer(new Message()
                .text(1, "iris")
                .text(3, "id")
                .message(5, output("y").message(5, new Message().bytes(6, floats(values)))));
    }

    private static Answer answer(Message message) {
        return new Answer(Call.framed(message.toByteArray()), -1);
    }

    private static String difference(Answer one, Answer other) {
        return new MessageComparison().difference(one, other, 1e-3);
    }

    @Test
    void outputsAreComparedAndNamesOfModelsAreNot() {
        assertThat(difference(raw("1", "y", 1, 2), raw("2", "y", 1, 2.001f))).isNull();
        assertThat(difference(typed(1, 2), typed(1, 2.001f))).isNull();
        assertThat(difference(raw("1", "y", 1, 2), raw("1", "y", 1, 3)))
                .isEqualTo("output y, element 1: 2.0 against 3.0");
        assertThat(difference(typed(1, 2), typed(1, 3))).isEqualTo("output y, element 1: 2.0 against 3.0");
    }

    @Test
    void otherOutputsDiffer() {
        assertThat(difference(raw("1", "y", 1), raw("1", "z", 1))).contains("y FP32 against z FP32");
        assertThat(difference(raw("1", "y", 1), typed(1))).contains("1 raw, against 1, 0");
        assertThat(difference(raw("1", "y", 1), new Answer(new byte[] {0, 0, 0, 0, 1, 7}, -1)))
                .contains("can't be read");
    }
}
