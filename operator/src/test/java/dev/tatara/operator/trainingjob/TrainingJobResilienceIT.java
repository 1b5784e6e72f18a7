package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.trainingjob.plan.Annotations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an operator that is killed, restarted or left alone writes: nothing else, nothing twice, nothing at all. */
class TrainingJobResilienceIT extends TrainingJobScene {
    private static final String[] SPEC = {
        "triggers: {onCreate: true, schedule: {cron: '0 0 1 1 *'}}",
        "tracking: {mlflow: {uri: 'http://mlflow:5000'}}",
        "runHistoryLimit: 1"
    };

    private static final String[] SWEEP = {
        "triggers: {onCreate: true}",
        "tracking: {mlflow: {uri: 'http://mlflow:5000'}}",
        "runHistoryLimit: 1",
        "sweep: {algorithm: TPE, trials: 2, parallel: 1, seed: 1, objective: {metric: loss, goal: Minimize},"
                + " parameters: [{name: depth, integer: {min: 2, max: 9}}]}"
    };

    @Test
    void nothingIsWrittenAtRestNorByANewOperator() {
        start(MortalClient.immortal(api));
        apply(SPEC);
        annotate(Annotations.CANCEL, "nonsense");
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> isTracked(1));
        assertQuiet(() -> annotate("somebody", "else"));
        assertQuietAfterRestart();
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        KillStory.in(this)
                .ask(() -> apply(SPEC), () -> isTracked(1))
                .ask(() -> annotate(Annotations.RUN, "another"), () -> isTracked(2))
                .leavesTheSame(this::normalized, () -> assertThat(started()).doesNotHaveDuplicates());
    }

    @Test
    void anOperatorKilledAfterAnyWriteOfASweepLeadsToTheSameObjects() {
        KillStory.in(this)
                .ask(() -> apply(SWEEP), () -> isTracked(1))
                .leavesTheSame(this::normalized, () -> assertThat(started()).doesNotHaveDuplicates());
    }

    private boolean isTracked(long number) {
        return status().runs().stream()
                .anyMatch(run -> run.number() == number
                        && run.phase() == RunPhase.Registered
                        && run.tracking() != null
                        && run.tracking().hasEnded());
    }

    /** What the operator left, without what differs from one time to the next: times, uids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<>(labelsOf(jobs()));
        for (var map : maps()) {
            var definition = map.getData() == null ? null : map.getData().get("trainingjob.yaml");
            objects.put(map.getMetadata().getName(), definition == null ? "" : anywhere(definition));
        }
        for (var version : versions()) {
            objects.put(
                    version.getMetadata().getName(),
                    List.of(
                            version.getSpec().version(),
                            version.getSpec().lineage().run(),
                            String.valueOf(version.getSpec().lineage().hyperparameters()),
                            version.getMetadata().getLabels()));
        }
        var status = withoutTimes(status());
        for (var run : status.path("runs")) {
            ((ObjectNode) run).remove(List.of("startedAt", "finishedAt"));
            if (run.path("tracking") instanceof ObjectNode tracking) {
                tracking.remove("trackedAt");
            }
        }
        objects.put("status", anywhere(status));
        return objects;
    }
}
