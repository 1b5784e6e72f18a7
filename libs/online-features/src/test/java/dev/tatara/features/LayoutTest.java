package dev.tatara.features;

import static dev.tatara.features.FeatureType.BOOL;
import static dev.tatara.features.FeatureType.BYTES;
import static dev.tatara.features.FeatureType.DOUBLE;
import static dev.tatara.features.FeatureType.INT32;
import static dev.tatara.features.FeatureType.INT64;
import static dev.tatara.features.FeatureType.STRING;
import static dev.tatara.features.FeatureType.UNIX_TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes as Feast writes them. */
class LayoutTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void anEntityKeyIsFeasts() {
        var format = new EntityKeyFormat("my_project", List.of(new JoinKey("driver_id", INT64)));

        assertThat(HEX.formatHex(format.encode(1001L)))
                .isEqualTo("0100000002000000090000006472697665725f69640400000008000000e903000000000000"
                        + "6d795f70726f6a656374");
        assertThat(format.encode(1001)).as("an Integer fits").isEqualTo(format.encode(1001L));
    }

    @Test
    void keysAreSortedByNameWhateverTheirOrder() {
        var user = new JoinKey("user", INT32);
        var country = new JoinKey("country", STRING);
        var seen = new JoinKey("Seen", UNIX_TIMESTAMP);
        var first = new EntityKeyFormat("p", List.of(user, country, seen)).encode(-2, "ä", Instant.ofEpochSecond(-1));
        var second = new EntityKeyFormat("p", List.of(seen, user, country)).encode(Instant.ofEpochSecond(-1), -2, "ä");

        assertThat(first).isEqualTo(second);
        assertThat(HEX.formatHex(first))
                .isEqualTo("03000000"
                        + "02000000040000005365656e"
                        + "0200000007000000636f756e747279"
                        + "020000000400000075736572"
                        + "0800000008000000ffffffffffffffff"
                        + "0200000002000000c3a4"
                        + "0300000004000000feffffff"
                        + "70");
    }

    @Test
    void keysOfBytesAndTruthValues() {
        var format = new EntityKeyFormat("", List.of(new JoinKey("a", BYTES), new JoinKey("b", BOOL)));

        assertThat(HEX.formatHex(format.encode(new byte[] {1, 0}, true)))
                .isEqualTo("02000000" + "020000000100000061" + "020000000100000062" + "01000000020000000100"
                        + "070000000100000001");
    }

    @Test
    void aKeyIsWhole() {
        var format = new EntityKeyFormat("p", List.of(new JoinKey("a", INT32), new JoinKey("b", STRING)));

        assertThatIllegalArgumentException().isThrownBy(() -> format.encode(1)).withMessageContaining("2 join keys");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.encode(1, null))
                .withMessageContaining("join key b, found null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.encode(1L << 31, "x"))
                .withMessageContaining("beyond its range");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JoinKey("a", DOUBLE))
                .withMessageContaining("found DOUBLE");
    }

    @Test
    void fieldsAreFeasts() {
        assertThat(HEX.formatHex(OnlineField.of("driver_hourly_stats", "conv_rate")))
                .isEqualTo("6160e3da");
        assertThat(OnlineField.ofEventTime("driver_hourly_stats")).asString().isEqualTo("_ts:driver_hourly_stats");
    }

    @Test
    void valuesAndTimesAreFeasts() {
        assertThat(HEX.formatHex(ValueCodec.encode(DOUBLE, 0.5))).isEqualTo("29000000000000e03f");
        assertThat(HEX.formatHex(ValueCodec.encode(
                        FeatureType.UNIX_TIMESTAMP_LIST, List.of(Instant.ofEpochSecond(-1), Instant.ofEpochSecond(5)))))
                .isEqualTo("92010d0a0bffffffffffffffffff0105");
        assertThat(HEX.formatHex(ValueCodec.encode(FeatureType.DOUBLE_LIST, List.of())))
                .isEqualTo("7a00");
        assertThat(ValueCodec.encode(DOUBLE, null)).isEmpty();
        assertThat(HEX.formatHex(EventTime.encode(Instant.ofEpochSecond(1_640_991_600))))
                .isEqualTo("08f096be8e06");
    }
}
