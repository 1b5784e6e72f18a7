package dev.tatara.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.ExperimentEvaluated.Side;
import dev.tatara.contracts.ExperimentEvaluated.Verdict;
import dev.tatara.contracts.ExperimentEvaluated.Window;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentEvaluatedTest {
    private static final int TERMINATION_MESSAGE = 4096;
    private static final Instant AT = Instant.parse("2026-11-21T06:00:00Z");

    private static ExperimentEvaluated evaluated(String text) {
        return new ExperimentEvaluated(
                new Window(AT.minusSeconds(86_400), AT),
                "conversion",
                new Side("55ab012345", 5000, 6000, 0.05, 0.218),
                new Side("77cd012345", 5100, 6000, 0.061, 0.239),
                0.011,
                0.22,
                0.002,
                Double.POSITIVE_INFINITY,
                0.95,
                0.01,
                true,
                Verdict.CandidateWins,
                text,
                20_000,
                10,
                600,
                3,
                2,
                1.0,
                0,
                Collections.nCopies(20, text),
                "s3://tatara/experiments/shop/churn/1-a/report.html",
                false);
    }

    private static String json(ExperimentEvaluated details) {
        return StepResultCodec.toJson(StepResult.succeeded("experiment", "", details));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var full = evaluated("promote it");

        assertThat(StepResultCodec.fromJson(json(full), ExperimentEvaluated.class)
                        .details())
                .isEqualTo(full);
        assertThat(json(full)).contains("\"verdict\":\"CandidateWins\"", "\"people\":5100", "\"lift\":0.22");
        assertThat(full.high()).as("infinite").isNull();
    }

    @Test
    void aVerdictFitsATerminationMessage() {
        var full = evaluated("平".repeat(1000));
        assertThat(json(full).getBytes(StandardCharsets.UTF_8).length).isGreaterThan(TERMINATION_MESSAGE);

        var shorter = full.shorter().orElseThrow();

        assertThat(json(shorter).getBytes(StandardCharsets.UTF_8).length).isLessThan(TERMINATION_MESSAGE);
        assertThat(shorter.verdict()).isEqualTo(Verdict.CandidateWins);
        assertThat(shorter.truncated()).isTrue();
        assertThat(shorter.notes()).isEqualTo(List.of());
        assertThat(shorter.shorter()).isEmpty();
    }
}
