package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.trainingjob.train.TrainerLog;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of a sweep whatever happens in whatever order, and wherever the operator is killed. */
class SweepPropertiesTest {
    private static final int MOST_STEPS = 2_000;
    private static final String MEDIAN_STOP = "  earlyStopping: {medianStop: {minTrials: 2, startStep: 1}}\n";

    /** Something that happens. */
    enum What {
        OperatorLooks,
        OperatorIsKilled,
        TrialSucceeds,
        TrialDiverges,
        TrialPromisesNothing,
        TrainerFails,
        StoreIsAway,
        PodIsTakenAway,
        JobIsDeletedBySomebody,
        TenSecondsPass
    }

    /**
     * @param which of the Jobs, or after how many writes the operator is killed
     */
    record Happening(What what, int which) {}

    private final Map<Integer, Double> succeeded = new HashMap<>();
    private final Set<Integer> measured = new HashSet<>();

    @Property(tries = 300)
    void itEndsWithTheBestAndRunsNothingTwice(
            @ForAll("histories") List<Happening> history, @ForAll("algorithms") String algorithm) {
        succeeded.clear();
        measured.clear();
        var scene = new SweepScene(SweepScene.FORMAT.formatted(algorithm, 14, 3) + MEDIAN_STOP);
        for (var happening : history) {
            happen(scene, happening);
            holds(scene);
        }
        for (int i = 0; i < MOST_STEPS && scene.end == null; i++) {
            happen(scene, new Happening(i % 4 == 3 ? What.TenSecondsPass : What.OperatorLooks, 0));
            holds(scene);
            happen(scene, new Happening(What.TrialSucceeds, i));
        }
        scene.step();

        assertThat(scene.jobs).as("no orphan").isEmpty();
        var ledger = LedgerMap.read(scene.ledger);
        switch (scene.end) {
            case SweepEnd.Best best -> {
                assertThat(ledger.trials()).hasSize(14).noneMatch(TrialEntry::isRunning);
                var completed = ledger.trials().stream()
                        .filter(entry -> entry.state() == TrialEntry.State.Completed)
                        .mapToDouble(entry -> entry.end().value());
                assertThat(best.value()).isEqualTo(completed.max().orElseThrow());
                assertThat(best.value()).isEqualTo(succeeded.get(best.trial()));
                assertThat(best.published().model().uri()).endsWith("/" + best.trial() + "/model.onnx");
                assertThat(best.parameters())
                        .isEqualTo(scene.made.get(best.trial()).getFirst());
            }
            case SweepEnd.Failed failed -> assertThat(failed.message()).contains("trials failed");
        }
    }

    private void happen(SweepScene scene, Happening happening) {
        switch (happening.what()) {
            case OperatorLooks -> scene.step();
            case OperatorIsKilled -> scene.step(happening.which());
            case TenSecondsPass -> scene.now = scene.now.plusSeconds(10);
            default -> {
                var active = scene.jobs.values().stream()
                        .filter(SweepScene.Running::isActive)
                        .toList();
                if (!active.isEmpty()) {
                    happen(scene, happening.what(), active.get(happening.which() % active.size()));
                }
            }
        }
    }

    private void happen(SweepScene scene, What what, SweepScene.Running running) {
        int trial = running.start.trial().number();
        switch (what) {
            case TrialSucceeds -> {
                assertThat(measured.add(trial))
                        .as("trial %d succeeds once", trial)
                        .isTrue();
                var value = running.start.trial().parameters().path("rate").doubleValue();
                succeeded.put(trial, value);
                running.log = TrainerLog.about("f1").with("f1=" + value);
                scene.succeed(running, Map.of("f1", value));
            }
            case TrialDiverges -> {
                assertThat(measured.add(trial)).as("trial %d ends once", trial).isTrue();
                running.log = TrainerLog.about("f1").with("f1=nan");
                scene.succeed(running, Map.of());
            }
            case TrialPromisesNothing -> running.log = TrainerLog.about("f1").with("f1=-1");
            case TrainerFails -> scene.fail(running, SweepScene.failure("TrainerFailed"), true, false);
            case StoreIsAway -> scene.fail(running, SweepScene.failure("StoreUnavailable"), false, false);
            case PodIsTakenAway -> scene.fail(running, SweepScene.failure("Disrupted"), false, true);
            case JobIsDeletedBySomebody ->
                scene.jobs.remove(running.job.getMetadata().getName());
            case OperatorLooks, OperatorIsKilled, TenSecondsPass -> throw new IllegalStateException("no Job's");
        }
    }

    private static void holds(SweepScene scene) {
        assertThat(scene.active()).as("never more than parallel").isLessThanOrEqualTo(3);
        scene.made.forEach((trial, parameters) -> assertThat(new HashSet<>(parameters))
                .as("parameters of trial %d", trial)
                .hasSize(1));
        assertThat(scene.made.keySet()).allMatch(trial -> trial >= 1 && trial <= 14);
    }

    @Provide
    Arbitrary<List<Happening>> histories() {
        return Combinators.combine(
                        Arbitraries.of(What.class), Arbitraries.integers().between(0, 6))
                .as(Happening::new)
                .list()
                .ofMaxSize(120);
    }

    @Provide
    Arbitrary<String> algorithms() {
        return Arbitraries.of("Random", "Grid", "TPE");
    }
}
