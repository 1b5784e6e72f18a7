package dev.tatara.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultValueTest {
    @Test
    void textsAreReadByType() {
        assertThat(DefaultValue.parse(FeatureType.STRING, " as is ")).isEqualTo(" as is ");
        assertThat(DefaultValue.parse(FeatureType.INT32, "-1")).isEqualTo(-1);
        assertThat(DefaultValue.parse(FeatureType.INT64, "5000000000")).isEqualTo(5_000_000_000L);
        assertThat(DefaultValue.parse(FeatureType.DOUBLE, "0")).isEqualTo(0.0);
        assertThat(DefaultValue.parse(FeatureType.FLOAT, "NaN")).isEqualTo(Float.NaN);
        assertThat(DefaultValue.parse(FeatureType.BOOL, "true")).isEqualTo(true);
        assertThat(DefaultValue.parse(FeatureType.BYTES, "AQI=")).isEqualTo(new byte[] {1, 2});
        assertThat(DefaultValue.parse(FeatureType.UNIX_TIMESTAMP, "1970-01-01T00:00:10.5Z"))
                .isEqualTo(Instant.ofEpochSecond(10));
        assertThat(DefaultValue.parse(FeatureType.UNIX_TIMESTAMP, "10")).isEqualTo(Instant.ofEpochSecond(10));
        assertThat(DefaultValue.parse(FeatureType.DOUBLE_LIST, "[1, 2.5]")).isEqualTo(List.of(1.0, 2.5));
        assertThat(DefaultValue.parse(FeatureType.STRING_LIST, "[]")).isEqualTo(List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "INT32, 5000000000, 0",
        "INT64, 1.5, 0",
        "BOOL, yes, false",
        "DOUBLE, much, 0.5",
        "UNIX_TIMESTAMP, 999999999999999999, 1970-01-01T00:00:00Z",
        "UNIX_TIMESTAMP, yesterday, 1970-01-01T00:00:00Z",
        "BYTES, $, aGVsbG8=",
        "INT64_LIST, 1, [] or [0]",
        "INT64_LIST, [1;2], [] or [0]",
        "INT64_LIST, [, [] or [0]"
    })
    void othersAreRefusedWithAnExample(FeatureType type, String text, String example) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DefaultValue.parse(type, text))
                .withMessage("expected a default for " + type + " such as " + example + ", found '" + text + "'");
    }
}
