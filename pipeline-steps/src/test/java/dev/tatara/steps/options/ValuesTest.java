package dev.tatara.steps.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "60s,PT1M", "1h30m,PT1H30M", "7d,PT168H", "1m1ms,PT1M0.001S", "0s,PT0S"})
    void durations(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "1.5s", "-1s", "1s ", "1sx", "999999999d"})
    void noDurations(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("expected a duration such as 500ms, 60s or 1h30m");
    }

    @ParameterizedTest
    @CsvSource({"4096,4096", "1Ki,1024", "500Mi,524288000", "2Gi,2147483648", "1G,1000000000", "3k,3000"})
    void sizes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Gi", "1.5Gi", "-1", "2gb", "99999999999999999Ti"})
    void noSizes(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("expected a size such as 500Mi");
    }

    @Test
    void sizesAreShownShort() {
        assertThat(ByteSize.show(518)).isEqualTo("518 B");
        assertThat(ByteSize.show(1_500)).isEqualTo("1.5 kB");
        assertThat(ByteSize.show(48_211_000)).isEqualTo("48 MB");
    }
}
