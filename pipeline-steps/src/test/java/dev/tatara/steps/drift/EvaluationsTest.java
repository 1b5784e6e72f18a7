package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Window;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationsTest {
    private static final String FOLDER = "drift-evaluations/shop/churn/";

    private final MemoryFiles files = new MemoryFiles();

    private void write(int number) {
        var end = Instant.ofEpochSecond(number);
        var details = new DriftEvaluated(
                new Window(end, end),
                null,
                number,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of(),
                null,
                null,
                null,
                null,
                false);
        var json = StepResultCodec.toJson(StepResult.succeeded("drift", "", details));
        files.all().put(FOLDER + number + "-x/result.json", json.getBytes(StandardCharsets.UTF_8));
        files.all().put(FOLDER + number + "-x/report.html", new byte[1]);
    }

    @Test
    void theHistoryIsOfThoseBefore() throws Exception {
        for (int number = 8; number <= 12; number++) {
            write(number);
        }
        files.all().put(FOLDER + "9-x/result.json", "half a res".getBytes(StandardCharsets.UTF_8));
        files.all().put(FOLDER + "notes/result.json", new byte[1]);
        files.all().put("drift-evaluations/shop/churn-2/10-x/result.json", new byte[1]);

        assertThat(new Evaluations(files, FOLDER + "11-y").before(10))
                .extracting(DriftEvaluated::samples)
                .containsExactly(8L, 10L);
        assertThat(new Evaluations(files, FOLDER + "13-y").before(2))
                .extracting(DriftEvaluated::samples)
                .containsExactly(11L, 12L);
        assertThat(new Evaluations(files, "elsewhere").before(2)).isEmpty();
    }

    @Test
    void theOldestGo() throws Exception {
        for (int number = 8; number <= 12; number++) {
            write(number);
        }
        files.all().put(FOLDER + "8-x/notes.txt", new byte[1]);
        files.all().put(FOLDER + "mine/report.html", new byte[1]);

        assertThat(new Evaluations(files, FOLDER + "12-x").keep(3)).isEqualTo(2);
        assertThat(files.keys(FOLDER))
                .containsExactly(
                        FOLDER + "10-x/report.html",
                        FOLDER + "10-x/result.json",
                        FOLDER + "11-x/report.html",
                        FOLDER + "11-x/result.json",
                        FOLDER + "12-x/report.html",
                        FOLDER + "12-x/result.json",
                        FOLDER + "8-x/notes.txt",
                        FOLDER + "mine/report.html");
        assertThat(new Evaluations(files, FOLDER + "12-x").keep(3)).isZero();
        assertThat(new Evaluations(files, "elsewhere").keep(1)).isZero();
    }
}
