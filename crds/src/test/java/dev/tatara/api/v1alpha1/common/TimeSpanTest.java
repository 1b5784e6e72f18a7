package dev.tatara.api.v1alpha1.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
    @ParameterizedTest
    @CsvSource({
        "2ms, PT0.002S",
        "5m, PT5M",
        "1h30m, PT1H30M",
        "7d, PT168H",
        "500us, PT0.0005S",
        "0s, PT0S",
        "90m, PT90M",
        "1d2h3m4s5ms6us, PT26H3M4.005006S"
    })
    void lengthOfATimeSpan(String text, Duration length) {
        assertThat(new TimeSpan(text).toDuration()).isEqualTo(length);
        assertThat(new TimeSpan(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "1.5h", "-5m", "5m1h", "5m5m", "1w", "10000d", " 5m", "5 m", "5M"})
    void whatIsNoTimeSpan(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimeSpan(text))
                .withMessageContaining("expected a time span such as 2ms, 5m, 1h30m or 7d")
                .withMessageContaining("'" + text + "'");
        assertThat(TimeSpan.read(text)).isNull();
    }

    @Test
    void theLongestTimeSpanHasNanoseconds() {
        TimeSpan longest = new TimeSpan("9999d999999h9999999m999999999s999999999ms999999999us");

        assertThat(longest.toDuration().toNanos()).isPositive();
        assertThat(longest.text().length()).isLessThanOrEqualTo(TimeSpan.MAX_LENGTH);
    }

    @Property
    void aDurationComesBack(@ForAll @LongRange(min = 0, max = 9_999L * 86_400_000_000L) long micros) {
        Duration duration = Duration.ofSeconds(micros / 1_000_000, micros % 1_000_000 * 1000);

        assertThat(TimeSpan.of(duration).toDuration()).isEqualTo(duration);
    }
}
