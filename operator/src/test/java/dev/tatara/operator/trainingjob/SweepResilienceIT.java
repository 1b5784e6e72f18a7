package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.sweep.LedgerMap;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sweeps of an operator that is killed. */
class SweepResilienceIT extends TrainingJobScene {
    private static final String[] SPEC = {
        "triggers: {onCreate: true}",
        "sweep:",
        "  algorithm: TPE",
        "  trials: 3",
        "  parallel: 2",
        "  objective: {metric: loss, goal: Minimize}",
        "  parameters: [{name: rate, logUniform: {min: 0.001, max: 1}}]"
    };

    @Test
    void anOperatorKilledAfterAnyWriteRunsNoTrialTwice() {
        KillStory.in(this)
                .ask(() -> apply(SPEC), this::isRegistered)
                .leavesTheSame(() -> LedgerMap.read(ledger()).trials(), () -> {
                    assertThat(LedgerMap.read(ledger()).trials()).hasSize(3);
                    assertThat(started())
                            .contains("churn-1-trial-1-1", "churn-1-trial-2-1", "churn-1-trial-3-1")
                            .doesNotHaveDuplicates();
                    await("no trial's Job is left").atMost(LIMIT).until(() -> jobs().stream()
                            .noneMatch(job -> RunLabels.trialOf(job) > 0));
                });
    }

    private boolean isRegistered() {
        return status().runs().stream().anyMatch(run -> run.phase() == RunPhase.Registered);
    }

    private ConfigMap ledger() {
        List<ConfigMap> found = maps().stream()
                .filter(map -> map.getMetadata().getName().equals(LedgerMap.nameOf(job().get(), 1)))
                .toList();
        return found.getFirst();
    }
}
