package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.trainingjob.train.Runs;
import dev.tatara.operator.trainingjob.train.TrainerLog;
import dev.tatara.operator.trainingjob.train.TrainerLogs;
import dev.tatara.operator.trainingjob.train.TrainerPods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From what is in the cluster to what is decided about. */
class SweepStateTest {
    private static final String SPECIFICATION = SweepScene.FORMAT.formatted("Random", 5, 2);
    private static final String MEDIAN_STOP = "  earlyStopping: {medianStop: {}}\n";

    private final List<String> read = new ArrayList<>();
    private final TrainerLogs logs = new TrainerLogs() {
        @Override
        public Optional<TrainerLog> latest(Pod pod, String metric) {
            read.add("latest of " + pod.getMetadata().getName());
            return Optional.of(TrainerLog.about(metric).with("f1=0.1"));
        }

        @Override
        public Optional<TrainerLog> last(Pod pod, String metric) {
            read.add("last of " + pod.getMetadata().getName());
            return Optional.of(TrainerLog.about(metric).with("f1=0.1\nf1=0.2"));
        }
    };

    @Test
    void trialsAreFoundByTheirJobs() {
        var ended = trial(SPECIFICATION, 1);
        var running = trial(SPECIFICATION, 2);
        var state = observe(
                SPECIFICATION,
                List.of(ended, running),
                List.of(
                        TrainerPods.pod(ended, 0, published(Map.of("f1", 0.9))),
                        TrainerPods.pod(running, 0, training())));

        assertThat(state.ledger()).isEqualTo(Ledger.EMPTY);
        assertThat(state.seed()).isEqualTo(7);
        assertThat(state.attempts()).extracting(TrialAttempt::trial).containsExactly(1, 2);
        assertThat(state.attempts()).extracting(TrialAttempt::attempt).containsOnly(1);
        assertThat(state.attempts().getFirst().parameters().path("rate").doubleValue())
                .isEqualTo(0.5);
        assertThat(read).as("nobody wants to know").isEmpty();
        assertThat(SweepPlanner.plan(state, Runs.NOW).status().best().value()).isEqualTo(0.9);
    }

    @Test
    void logsAreReadWhereTheyMatter() {
        var ended = trial(SPECIFICATION, 1);
        var withoutObjective = observe(
                SPECIFICATION, List.of(ended), List.of(TrainerPods.pod(ended, 0, published(Map.of("loss", 0.1)))));
        assertThat(read).containsExactly("last of churn-3-trial-1-1-0");
        assertThat(SweepPlanner.plan(withoutObjective, Runs.NOW).status().best().value())
                .isEqualTo(0.2);

        read.clear();
        var compared = trial(SPECIFICATION + MEDIAN_STOP, 1);
        var running = trial(SPECIFICATION + MEDIAN_STOP, 2);
        observe(
                SPECIFICATION + MEDIAN_STOP,
                List.of(compared, running),
                List.of(
                        TrainerPods.pod(compared, 0, published(Map.of("f1", 0.9))),
                        TrainerPods.pod(running, 0, training())));
        assertThat(read).containsExactly("last of churn-3-trial-1-1-0", "latest of churn-3-trial-2-1-0");
    }

    @Test
    void otherJobsArePassedOver() {
        var training = TrainerPods.job(Runs.run(Runs.job("trainer: {image: x}")), "{}");
        var other = trial(SPECIFICATION, 1);
        other.getMetadata().getLabels().put("mlops.tatara.dev/run", "2");
        var defaced = trial(SPECIFICATION, 4);
        defaced.getMetadata().getAnnotations().clear();

        var state = observe(SPECIFICATION, List.of(training, other, defaced), List.of());
        assertThat(state.attempts()).singleElement().satisfies(attempt -> {
            assertThat(attempt.trial()).isEqualTo(4);
            assertThat(attempt.parameters()).isNull();
        });
    }

    private SweepState observe(String specification, List<Job> jobs, List<Pod> pods) {
        return SweepState.observe(Runs.job(specification), 3, 7, null, jobs, pods, Runs.SETTINGS, logs, Runs.NOW);
    }

    private static Job trial(String specification, int number) {
        return TrainerPods.job(
                Runs.attempt(Runs.job(specification), Runs.trial(number, "{rate: 0.5, layers: 2, kind: a}"), 1),
                "{active: 1}");
    }

    private static String training() {
        return """
                phase: Pending
                initContainerStatuses:
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {running: {}}}
                """;
    }

    private static String published(Map<String, Double> metrics) {
        return """
                phase: Succeeded
                initContainerStatuses:
                  - {name: trainer, image: i, imageID: s, ready: true, restartCount: 0, state: {terminated: {exitCode: 0}}}
                containerStatuses:
                  - {name: publish, image: i, imageID: s, ready: false, restartCount: 0,
                     state: {terminated: {exitCode: 0, reason: Completed, message: '%s'}}}
                """.formatted(TrainerPods.published(metrics));
    }
}
