package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.drift.Pods.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveDataTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final String BOOT = "0123456789ab";

    private final MemoryFiles files = new MemoryFiles();
    private final Pods pods = new Pods(files);

    private static LiveData read(MemoryFiles files, Instant start, Instant end) throws StepFailure {
        return LiveData.read(files, Pods.FOLDER, List.of(Pods.REVISION), start, end);
    }

    @Test
    void onlyWhatBeginsAndEndsInTheWindowCounts() throws Exception {
        pods.write("churn-a", BOOT, NOON, NOON.plusSeconds(600), MINUTE, Rows.of(1));

        assertThat(read(files, NOON, NOON.plusSeconds(600)).pane().orElseThrow().sources())
                .isEqualTo(10);
        assertThat(read(files, NOON.plusSeconds(1), NOON.plusSeconds(599))
                        .pane()
                        .orElseThrow()
                        .sources())
                .isEqualTo(8);
        assertThat(read(files, NOON.minusSeconds(600), NOON).pane()).isEmpty();
    }

    @Test
    void aGapIsALostPane() throws Exception {
        pods.write("churn-a", BOOT, NOON, NOON.plusSeconds(600), MINUTE, Rows.of(1));
        files.all().remove(Pods.key(Pods.REVISION, "churn-a", BOOT, 3, NOON.plusSeconds(180)));
        files.all().remove(Pods.key(Pods.REVISION, "churn-a", BOOT, 4, NOON.plusSeconds(240)));

        assertThat(read(files, NOON, NOON.plusSeconds(7200)).lost()).isEqualTo(2);
    }

    @Test
    void thePaneOfAPodThatWasKilledIsLost() throws Exception {
        pods.write("churn-a", BOOT, NOON, NOON.plusSeconds(600), MINUTE, Rows.of(1));
        var lastKey = Pods.key(Pods.REVISION, "churn-a", BOOT, 9, NOON.plusSeconds(540));
        assertThat(files.all().remove(lastKey)).isNotNull();

        assertThat(read(files, NOON, NOON.plusSeconds(660)).lost())
                .as("the next one may be on its way")
                .isZero();
        assertThat(read(files, NOON, NOON.plusSeconds(7200)).lost()).isEqualTo(1);
    }

    @Test
    void whoeverIsRolledUpWhileItIsReadIsReadAgain() throws Exception {
        pods.write("churn-a", BOOT, NOON, NOON.plusSeconds(600), MINUTE, Rows.of(1));
        var vanishing = new MemoryFiles(files) {
            private int answers;

            @Override
            public synchronized Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
                return answers++ == 3 ? Optional.empty() : super.find(key, maxBytes);
            }
        };
        assertThat(read(vanishing, NOON, NOON.plusSeconds(600))
                        .pane()
                        .orElseThrow()
                        .sources())
                .isEqualTo(10);

        var nothing = new MemoryFiles(files) {
            @Override
            public Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
                return Optional.empty();
            }
        };
        assertThatThrownBy(() -> read(nothing, NOON, NOON.plusSeconds(600)))
                .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                        .isEqualTo("ConcurrentRollUp"));
    }

    @Test
    void theStoresFailureIsTheEvaluations() {
        pods.write("churn-a", BOOT, NOON, NOON.plusSeconds(600), MINUTE, Rows.of(1));
        var away = new MemoryFiles(files) {
            @Override
            public Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
                throw StepFailure.failed("StoreUnavailable", "artifact store: connection refused", null);
            }
        };
        assertThatThrownBy(() -> read(away, NOON, NOON.plusSeconds(600)))
                .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                        .isEqualTo("StoreUnavailable"));
    }
}
