package dev.tatara.runtime.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @Test
    void readsWhatTheSpecificationShows() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-01"))
                .isEqualTo(new TraceContext(TRACE, PARENT, true));
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-00").sampled())
                .isFalse();
    }

    @Test
    void laterVersionsMaySayMore() {
        assertThat(TraceContext.parse("01-" + TRACE + "-" + PARENT + "-03-more"))
                .isEqualTo(new TraceContext(TRACE, PARENT, true));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"
            })
    void whatIsNotValidIsNone(String header) {
        assertThat(TraceContext.parse(header)).isNull();
    }
}
