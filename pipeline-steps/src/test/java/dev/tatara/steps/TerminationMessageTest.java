package dev.tatara.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TerminationMessageTest {
    @Test
    void whatFitsStaysAsItIs() {
        var result = StepResult.succeeded("step", "fine", "details");

        assertThat(TerminationMessage.of(result, TerminationMessageTest::half))
                .isEqualTo(StepResultCodec.toJson(result).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void findingsAreCutFirst() {
        var read = read(TerminationMessage.of(
                StepResult.succeeded("step", "fine", "x".repeat(20_000)), TerminationMessageTest::half));

        assertThat(read.message()).isEqualTo("fine");
        assertThat(read.details()).hasSizeBetween(1000, 4096);
    }

    @Test
    void findingsThatCannotBeCutAreLeftOut() {
        var read = read(TerminationMessage.of(
                StepResult.succeeded("step", "fine", "x".repeat(20_000)), details -> Optional.empty()));

        assertThat(read.details()).isNull();
    }

    @Test
    void aMessageOfLongCharactersFitsToo() {
        var json = TerminationMessage.of(
                StepResult.rejected("step", "Reason", "\u0001".repeat(1024), (String) null),
                TerminationMessageTest::half);

        assertThat(json.length).isLessThanOrEqualTo(TerminationMessage.MAX_BYTES);
        assertThat(read(json).reason()).isEqualTo("Reason");
    }

    private static Optional<String> half(String details) {
        return Optional.of(details.substring(0, details.length() / 2));
    }

    private static StepResult<String> read(byte[] json) {
        assertThat(json.length).isLessThanOrEqualTo(TerminationMessage.MAX_BYTES);
        return StepResultCodec.fromJson(new String(json, StandardCharsets.UTF_8), String.class);
    }
}
