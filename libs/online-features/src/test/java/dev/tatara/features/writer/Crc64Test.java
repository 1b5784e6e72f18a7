package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Crc64Test {
    /** From the self-test of Redis' crc64.c. */
    @Test
    void theCheckIsRedis() {
        assertThat(Crc64.of("123456789".getBytes(US_ASCII), 9)).isEqualTo(0xe9c6d914c4b8d9caL);
        var text = "This is a test of the emergency broadcast system.".getBytes(US_ASCII);
        assertThat(Crc64.of(text, text.length)).isEqualTo(bitByBit(text));
        assertThat(Crc64.of(new byte[0], 0)).isZero();
    }

    @Property
    void eightAtATimeAreAsBitByBit(@ForAll @Size(max = 100) byte[] bytes) {
        assertThat(Crc64.of(Arrays.copyOf(bytes, bytes.length + 3), bytes.length))
                .isEqualTo(bitByBit(bytes));
    }

    /** As it is defined: the remainder of a division of polynomials, the lowest bit first. */
    private static long bitByBit(byte[] bytes) {
        long remainder = 0;
        for (byte one : bytes) {
            for (int bit = 0; bit < 8; bit++) {
                boolean carries = ((remainder ^ (one >>> bit)) & 1) != 0;
                remainder = (remainder >>> 1) ^ (carries ? Long.reverse(0xad93d23594c935a9L) : 0);
            }
        }
        return remainder;
    }
}
