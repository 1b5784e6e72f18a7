package dev.tatara.steps.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.Outcome;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.mlflow.testing.MlflowServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever records is killed at a write, and does it again: nothing is there twice and nothing is missing. */
class KilledTrackingIT {
    @TempDir
    private Path folder;

    @Test
    void killedAtAnyWriteItEndsAsIfUndisturbed() throws Exception {
        try (var server = MlflowServer.start();
                var gate = MlflowGate.before(server.uri());
                var contents = new MlflowContents(server.uri())) {
            gate.open();
            assertThat(run("whole", gate).track(KilledTrackingIT::once).outcome())
                    .isEqualTo(Outcome.Succeeded);
            var writes = gate.writes();
            var undisturbed = contents.of("whole");
            assertThat(undisturbed)
                    .contains("NAME-3-1a2b3c4d: metric loss: 5 points")
                    .anyMatch(line -> line.startsWith("NAME-3-trial-1: "))
                    .anyMatch(line -> line.startsWith("version 1, "));

            for (var write = 1; write <= writes; write++) {
                // Of two neighbours one arrives and one doesn't: both are tried at writes of every sort.
                var name = "killed" + write;
                var run = run(name, gate);
                gate.closeAt(write, write % 2 == 0);
                assertThat(run.track(KilledTrackingIT::once).reason())
                        .as("at write %d of %d", write, writes)
                        .isEqualTo("MlflowUnavailable");

                gate.open();
                var repeated = run.track(KilledTrackingIT::once);

                assertThat(repeated.outcome()).as(repeated.message()).isEqualTo(Outcome.Succeeded);
                assertThat(contents.of(name))
                        .as("killed at write %d of %d", write, writes)
                        .isEqualTo(undisturbed);
            }
        }
    }

    private EndedRun run(String name, MlflowGate gate) throws IOException {
        return new EndedRun(folder, name).server(gate.uri()).everything().trials();
    }

    private static MlflowSettings once(MlflowSettings settings) {
        return settings.withRetries(1, Duration.ofMillis(1), Duration.ofMillis(1));
    }
}
