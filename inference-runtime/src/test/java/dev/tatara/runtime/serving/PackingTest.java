package dev.tatara.runtime.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackingTest {
    private enum Packed {
        GZIP(Packing.GZIP),
        WRAPPED(Packing.DEFLATE),
        BARE(Packing.DEFLATE);

        private final Packing as;

        Packed(Packing as) {
            this.as = as;
        }

        byte[] of(byte[] plain) throws IOException {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = this == GZIP
                    ? new GZIPOutputStream(packed)
                    : new DeflaterOutputStream(packed, new Deflater(9, this == BARE))) {
                out.write(plain);
            }
            return packed.toByteArray();
        }
    }

    private static byte[] unpack(Packing as, Buffer packed, int prefix, long most) throws RequestException {
        Buffer whole = as.unpack(packed, prefix, most, "body", "Content-Encoding");
        assertThat(whole.getBytes(0, prefix)).isEqualTo(new byte[prefix]);
        return whole.getBytes(prefix, whole.length());
    }

    /** Sizes around those at which the room for them grows. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 65_536, 1_000_000})
    void whatWasPackedIsUnpacked(int size) throws Exception {
        byte[] random = new byte[size];
        new Random(size).nextBytes(random);
        for (byte[] plain : new byte[][] {random, new byte[size]}) {
            for (Packed packed : Packed.values()) {
                Buffer bytes = Buffer.buffer(packed.of(plain));
                assertThat(unpack(packed.as, bytes, 0, size)).isEqualTo(plain);
                Buffer framed = Buffer.buffer("12345").appendBuffer(bytes);
                assertThat(unpack(packed.as, framed, 5, 2_000_000)).isEqualTo(plain);
                if (size > 0) {
                    assertThatThrownBy(() -> unpack(packed.as, bytes, 0, size - 1))
                            .isInstanceOfSatisfying(RequestException.class, why -> assertThat(why.status())
                                    .isEqualTo(413))
                            .hasMessageContaining("the body is larger than " + (size - 1) + " bytes");
                }
            }
        }
    }

    @Test
    void whatIsNotPackedAsItSaysIsRefused() throws Exception {
        for (Packed packed : Packed.values()) {
            byte[] bytes = packed.of(new byte[100]);
            for (byte[] damaged : new byte[][] {{}, {1, 2, 3}, Arrays.copyOf(bytes, bytes.length / 2)}) {
                assertThatThrownBy(() -> unpack(packed.as, Buffer.buffer(damaged), 0, 1000))
                        .isInstanceOfSatisfying(RequestException.class, why -> assertThat(why.status())
                                .isEqualTo(400))
                        .hasMessageContaining("as its Content-Encoding says");
            }
        }
    }

    @Test
    void namesOfHeaders() {
        assertThat(Packing.named(null)).contains(Packing.NONE);
        assertThat(Packing.named(" X-GZip")).contains(Packing.GZIP);
        assertThat(Packing.named("Identity")).contains(Packing.NONE);
        assertThat(Packing.named("br")).isEmpty();
    }
}
