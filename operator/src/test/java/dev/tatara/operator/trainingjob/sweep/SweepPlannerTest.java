package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.trainingjob.train.TrainerLog;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep does, told as stories. */
class SweepPlannerTest {
    private final SweepScene scene = new SweepScene(SweepScene.FORMAT.formatted("Random", 5, 2));

    @ParameterizedTest
    @ValueSource(strings = {"Random", "Grid", "TPE"})
    void trialsRunAFewAtATimeUntilTheBestIsKnown(String algorithm) {
        var sweep = new SweepScene(SweepScene.FORMAT.formatted(algorithm, 25, 3));
        double highest = 0;
        while (sweep.end == null) {
            sweep.step();
            assertThat(sweep.active()).isLessThanOrEqualTo(3);
            for (var running : List.copyOf(sweep.jobs.values())) {
                var value = running.start.trial().parameters().path("rate").doubleValue();
                highest = Math.max(highest, value);
                sweep.succeed(running, Map.of("f1", value));
            }
        }

        assertThat(sweep.made).hasSize(25);
        assertThat(new HashSet<>(sweep.made.values()))
                .as("each tries something else")
                .hasSize(25);
        var best = (SweepEnd.Best) sweep.end;
        assertThat(best.value()).isEqualTo(highest);
        assertThat(best.parameters()).isEqualTo(sweep.made.get(best.trial()).getFirst());
        assertThat(best.published().model().uri()).endsWith("/trials/" + best.trial() + "/model.onnx");
        assertThat(best.imageId()).isEqualTo("example.com/train@sha256:1");
        assertThat(sweep.jobs).isEmpty();
        assertThat(sweep.decide().end()).as("it stays the end").isEqualTo(sweep.end);
    }

    @Test
    void theStatusSaysWhereItStands() {
        scene.step();
        scene.succeed(scene.trial(1), Map.of("f1", 0.5));
        var decision = scene.step();

        assertThat(decision.status().completed()).isEqualTo(1);
        assertThat(decision.status().running()).isEqualTo(2);
        assertThat(decision.status().failed()).isZero();
        assertThat(decision.status().best().trial()).isEqualTo(1);
        assertThat(decision.status().best().value()).isEqualTo(0.5);
        assertThat(decision.message()).isEqualTo("1 of 5 trials ended, 2 under way; best f1 is 0.5 (trial 1)");
        assertThat(scene.step().ledger()).as("nothing to write at rest").isNull();
    }

    @Test
    void whatWasDecidedBeforeTheOperatorWasKilledIsDone() {
        var sweep = new SweepScene(SweepScene.FORMAT.formatted("TPE", 25, 2));
        sweep.step();
        while (sweep.made.size() < 15) {
            var first = sweep.jobs.values().iterator().next();
            sweep.succeed(
                    first,
                    Map.of("f1", first.start.trial().parameters().path("rate").doubleValue()));
            sweep.step();
        }
        sweep.succeed(sweep.trial(15), Map.of("f1", 0.5));
        sweep.step(1);
        var promised = LedgerMap.read(sweep.ledger).trials().getLast();
        assertThat(promised.number()).isEqualTo(16);
        assertThat(sweep.made).as("killed before it could make the Job").doesNotContainKey(16);

        sweep.succeed(sweep.jobs.values().iterator().next(), Map.of("f1", 100.0));
        sweep.step();
        assertThat(sweep.made.get(16)).containsExactly(promised.parameters());
    }

    @Test
    void whatTheTrainerDoesWrongIsNotTriedAgain() {
        scene.step();
        scene.fail(scene.trial(1), SweepScene.failure("TrainerFailed"), true, false);
        scene.step();

        assertThat(scene.made.get(1)).hasSize(1);
        assertThat(scene.made).containsOnlyKeys(1, 2, 3);
        assertThat(scene.decide().status().failed()).isEqualTo(1);
    }

    @Test
    void whatComesFromAroundItIsTriedAgainWithTheSameParameters() {
        scene.step();
        scene.fail(scene.trial(1), SweepScene.failure("StoreUnavailable"), false, false);
        var decision = scene.step();
        assertThat(decision.start()).as("it keeps its place").isEmpty();
        assertThat(decision.wakeAt()).isEqualTo(scene.now.plusSeconds(10));
        assertThat(decision.message()).contains("trial 1 is tried again: it is said why");

        scene.now = scene.now.plusSeconds(10);
        scene.step();
        assertThat(scene.made.get(1)).hasSize(2);
        assertThat(new HashSet<>(scene.made.get(1))).hasSize(1);

        scene.fail(scene.trial(1), SweepScene.failure("StoreUnavailable"), false, false);
        scene.step();
        assertThat(scene.decide().status().failed()).as("one retry").isEqualTo(1);
    }

    @Test
    void aPodThatIsTakenAwayCostsNothing() {
        scene.step();
        for (int i = 0; i < 10; i++) {
            scene.fail(scene.trial(1), SweepScene.failure("Disrupted"), false, true);
            scene.step();
        }

        assertThat(scene.made.get(1)).hasSize(11);
        assertThat(new HashSet<>(scene.made.get(1))).hasSize(1);
        assertThat(scene.decide().status().failed()).isZero();
    }

    @Test
    void aResultThatNobodyHeardIsFoundAgain() {
        lose(1);
        scene.succeed(scene.trial(1), Map.of("f1", 0.5));

        assertThat(scene.step().status().best().value()).isEqualTo(0.5);
        assertThat(scene.decide().status().failed()).isZero();
    }

    @Test
    void whatOnlyALogSaidThatIsGoneIsTrainedAgain() {
        lose(1);
        scene.succeed(scene.trial(1), Map.of("loss", 0.1));
        scene.step();

        assertThat(scene.trial(1).start.attempt()).isEqualTo(3);
        assertThat(scene.trial(1).start.recalls()).isFalse();
        assertThat(scene.decide().status().failed()).isZero();
    }

    /** A trial's pod goes with its result, and the next attempt is to find that. */
    private void lose(int trial) {
        scene.step();
        scene.fail(scene.trial(trial), SweepScene.failure("ResultLost"), false, true);
        scene.step();
        assertThat(scene.trial(trial).start.recalls()).isTrue();
    }

    @Test
    void whatHasNothingToDoWithParametersEndsItAtOnce() {
        scene.step();
        scene.fail(
                scene.trial(2),
                StepResult.rejected("train", "ImagePullFailed", "the image x can't be pulled", null),
                false,
                false);
        var decision = scene.step();

        assertThat(decision.end()).isEqualTo(new SweepEnd.Failed("ImagePullFailed", "the image x can't be pulled"));
        assertThat(scene.jobs).isEmpty();
    }

    @Test
    void asLongAsNoneEndsWellThreeFailuresAreEnough() {
        while (scene.end == null) {
            scene.step();
            scene.jobs
                    .values()
                    .forEach(running -> scene.fail(running, SweepScene.failure("TrainerFailed"), true, false));
        }

        assertThat(scene.made.size()).isLessThanOrEqualTo(4);
        var failed = (SweepEnd.Failed) scene.end;
        assertThat(failed.reason()).isEqualTo("TrialsFailed");
        assertThat(failed.message()).contains("trials failed; the last, trial ", "TrainerFailed: it is said why");
    }

    @Test
    void theObjectiveIsReadFromTheOutputWhereTheFileHasNone() {
        scene.step();
        scene.trial(1).log = TrainerLog.about("f1").with("epoch=1 f1=0.25\nepoch=2 f1=0.5\n");
        scene.succeed(scene.trial(1), Map.of("loss", 0.1));
        assertThat(scene.step().status().best().value()).isEqualTo(0.5);
    }

    @Test
    void aLogThatIsStillBeingReadIsWaitedForAWhile() {
        scene.step();
        scene.succeed(scene.trial(1), Map.of("loss", 0.1));
        var decision = scene.step();
        assertThat(decision.status().running()).isEqualTo(2);
        assertThat(decision.wakeAt()).isNotNull();

        scene.now = scene.now.plus(Duration.ofMinutes(1));
        scene.step();
        assertThat(scene.decide().status().failed()).isEqualTo(1);
        assertThat(LedgerMap.read(scene.ledger).trials().getFirst().end().message())
                .contains("which has loss", "f1=…", "spec.sweep.objective.metric");
    }

    @Test
    void whatDivergedIsNeverBest() {
        scene.step();
        scene.trial(1).log = TrainerLog.about("f1").with("f1=nan");
        scene.succeed(scene.trial(1), Map.of());
        scene.succeed(scene.trial(2), Map.of("f1", -1e300));
        var decision = scene.step();

        assertThat(decision.status().best().trial()).isEqualTo(2);
        assertThat(decision.status().failed()).isEqualTo(1);
        assertThat(LedgerMap.read(scene.ledger).trials().getFirst().state()).isEqualTo(TrialEntry.State.Diverged);
    }

    @Test
    void ofEquallyGoodOnesTheFirstIsBest() {
        scene.step();
        scene.succeed(scene.trial(2), Map.of("f1", 0.5));
        scene.step();
        scene.succeed(scene.trial(1), Map.of("f1", 0.5));
        assertThat(scene.step().status().best().trial()).isEqualTo(1);
    }

    @Test
    void minimizingTakesTheSmallest() {
        var sweep = new SweepScene(SweepScene.FORMAT.formatted("Random", 2, 2).replace("Maximize", "Minimize"));
        sweep.step();
        sweep.succeed(sweep.trial(1), Map.of("f1", 0.5));
        sweep.succeed(sweep.trial(2), Map.of("f1", 0.25));
        sweep.step();

        assertThat(((SweepEnd.Best) sweep.end).trial()).isEqualTo(2);
    }

    @Test
    void aTrialThatPromisesNothingIsStopped() {
        var sweep = new SweepScene(SweepScene.FORMAT.formatted("Random", 8, 3)
                + "  earlyStopping: {medianStop: {minTrials: 2, startStep: 3}}\n");
        sweep.step();
        for (int trial : List.of(1, 2)) {
            sweep.trial(trial).log = curve(0.5, 0.6, 0.7, 0.8);
            sweep.succeed(sweep.trial(trial), Map.of("f1", 0.8));
        }
        sweep.trial(3).log = curve(0.1, 0.2);
        sweep.step();
        assertThat(sweep.trial(3).isActive()).as("too early to tell").isTrue();

        sweep.trial(3).log = curve(0.1, 0.2, 0.2).withGap();
        sweep.step();
        assertThat(sweep.jobs).as("nobody knows how far it is").containsKey("churn-3-trial-3-1");

        sweep.trial(3).log = curve(0.1, 0.2, 0.2);
        var decision = sweep.step();
        assertThat(sweep.jobs).doesNotContainKey("churn-3-trial-3-1");
        assertThat(sweep.made).as("its place is taken once it is gone").hasSize(5);
        assertThat(decision.status().completed()).isEqualTo(3);
        sweep.step();
        assertThat(sweep.made).hasSize(6);
        assertThat(LedgerMap.read(sweep.ledger).trials().get(2).end().message()).contains("median of the others, 0.6");
    }

    @Test
    void aGridEndsWhereItEnds() {
        var sweep = new SweepScene("""
                trainer: {image: x}
                sweep:
                  algorithm: Grid
                  trials: 1000
                  parallel: 7
                  objective: {metric: f1, goal: Maximize}
                  parameters:
                    - {name: rate, uniform: {min: 0, max: 1, step: 0.1}}
                    - {name: kind, choice: {values: [a, b]}}
                """);
        while (sweep.end == null) {
            sweep.step();
            sweep.jobs.values().forEach(running -> sweep.succeed(running, Map.of("f1", 1.0)));
        }

        assertThat(sweep.made).hasSize(22);
        assertThat(new HashSet<>(sweep.made.values())).hasSize(22);
        assertThat(sweep.made.values().stream()
                        .map(made -> made.getFirst().path("rate").asText()))
                .as("numbers as people write them")
                .allMatch(rate -> rate.length() <= 3);
    }

    @Test
    void aLedgerThatSomebodyChangedEndsIt() {
        scene.step();
        scene.ledger.getBinaryData().put(LedgerMap.FILE, "bm90IGd6aXA=");
        var decision = scene.step();

        assertThat(((SweepEnd.Failed) decision.end()).reason()).isEqualTo("LedgerDamaged");
        assertThat(decision.ledger()).isNull();
        assertThat(scene.jobs).isEmpty();
    }

    @Test
    void aLedgerThatSomebodyDeletedIsMadeAgainFromWhatRuns() {
        scene.step();
        scene.succeed(scene.trial(1), Map.of("f1", 0.5));
        scene.ledger = null;
        scene.step();

        assertThat(scene.made.get(2)).hasSize(1);
        assertThat(scene.decide().status().completed()).isEqualTo(1);
    }

    @Test
    void whatHoldsATrialUpIsSaid() {
        scene.step();
        scene.trial(2).step = new StepState.Running<>("Unschedulable", "no node takes the pod", true, false);
        var decision = scene.step();

        assertThat(decision.isHeldUp()).isTrue();
        assertThat(decision.reason()).isEqualTo("Unschedulable");
        assertThat(decision.message()).contains("no node takes the pod");
    }

    private static TrainerLog curve(double... values) {
        var text = new StringBuilder();
        for (double value : values) {
            text.append("f1=").append(value).append('\n');
        }
        return TrainerLog.about("f1").with(text.toString());
    }
}
