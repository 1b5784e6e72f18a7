package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.End;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.State;
import dev.tatara.operator.trainingjob.train.Runs;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LedgerMapTest {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void whatIsWrittenIsReadAgain() {
        var parameters = Runs.trial(1, "{rate: 0.1, layers: 7, big: 12345678901, kind: a}")
                .parameters();
        var ledger = new Ledger(
                List.of(
                        new TrialEntry(
                                2,
                                parameters,
                                State.Running,
                                3,
                                1,
                                Instant.parse("2026-01-02T03:04:05Z"),
                                End.because("StoreUnavailable", "S3 is away")),
                        new TrialEntry(
                                1,
                                parameters,
                                State.Completed,
                                1,
                                0,
                                null,
                                new End(0.5, null, null, List.of(0.1, Double.NaN))),
                        new TrialEntry(3, null, State.Diverged, 1, 0, null, End.because("ObjectiveNotANumber", null))),
                new Ledger.Winner(1, SweepScene.published(1, Map.of("f1", 0.5)), "image@sha256:1"));

        var map = LedgerMap.render(Runs.job("trainer: {image: x}"), 3, ledger, null);
        assertThat(LedgerMap.read(map)).isEqualTo(ledger);
        assertThat(map.getMetadata().getName()).isEqualTo("churn-run-3-trials");
        assertThat(LedgerMap.render(Runs.job("trainer: {image: x}"), 3, LedgerMap.read(map), map)
                        .getBinaryData())
                .as("the same bytes again")
                .isEqualTo(map.getBinaryData());
    }

    @Test
    void tenThousandTrialsFit() {
        for (int parameters : List.of(1, 8, 16)) {
            var map = render(ledger(10_000, parameters));
            assertThat(bytes(map)).isLessThan(MEBIBYTE);
            assertThat(LedgerMap.read(map).trials())
                    .hasSize(10_000)
                    .as("%d hyperparameters are all remembered", parameters)
                    .allMatch(entry -> entry.parameters() != null);
            System.out.println(
                    "ledger of 10,000 trials with " + parameters + " hyperparameters: " + bytes(map) + " bytes");
        }
    }

    @Test
    void whereTheyWouldNotFitTheOldestAreForgotten() {
        var ledger = ledger(10_000, 64);
        var map = render(ledger);

        assertThat(bytes(map)).isLessThan(MEBIBYTE);
        var read = LedgerMap.read(map);
        assertThat(read.trials()).hasSize(10_000);
        assertThat(read.trials().getLast()).isEqualTo(ledger.trials().getLast());
        assertThat(read.trials().get(16).parameters()).as("of the best").isNotNull();
        assertThat(read.trials().getFirst().parameters()).isNull();
        assertThat(read.trials().stream().filter(entry -> entry.parameters() != null))
                .as("enough to guide the search")
                .hasSizeGreaterThan(1_000);
        assertThat(LedgerMap.read(render(read)))
                .as("and nothing more is forgotten then")
                .isEqualTo(read);
    }

    @Test
    void fiftyTrialsAreSmall() {
        assertThat(bytes(render(ledger(50, 8)))).isLessThan(16 << 10);
    }

    @Test
    void onlyWordsAndCoursesOfTheLatestAreKept() {
        var bounded = ledger(1_000, 1).bounded();

        assertThat(bounded.trials().stream().filter(entry -> entry.end().message() != null))
                .hasSize(20);
        assertThat(bounded.trials().stream()
                        .filter(entry -> !entry.end().averages().isEmpty()))
                .hasSize(200);
        assertThat(bounded.bounded()).isEqualTo(bounded);
    }

    private static ConfigMap render(Ledger ledger) {
        return LedgerMap.render(Runs.job("trainer: {image: x}"), 3, ledger, null);
    }

    private static int bytes(ConfigMap map) {
        return Base64.getDecoder().decode(map.getBinaryData().get(LedgerMap.FILE)).length;
    }

    /** Numbers as a search rounds them, in which there is nothing to compress. */
    static Ledger ledger(int trials, int parameters) {
        var random = new Random(7);
        List<TrialEntry> entries = new ArrayList<>();
        for (int number = 1; number <= trials; number++) {
            ObjectNode values = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < parameters; i++) {
                values.put("parameter_" + i, Math.round(random.nextDouble() * 1e6) / 1e6);
            }
            var end = number % 5 == 0
                    ? End.because("TrainerFailed", "the trainer ended with exit code 1; its last words: " + number)
                    : new End(
                            random.nextDouble(),
                            null,
                            null,
                            Averages.of(DoubleStream.generate(random::nextDouble)
                                    .limit(300)
                                    .boxed()
                                    .toList()));
            entries.add(
                    new TrialEntry(number, values, number % 5 == 0 ? State.Failed : State.Completed, 1, 0, null, end));
        }
        return new Ledger(
                entries, new Ledger.Winner(17, SweepScene.published(17, Map.of("f1", 0.99)), "image@sha256:1"));
    }
}
