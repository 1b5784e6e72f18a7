package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Something that happens to a service while it is rolled out. */
sealed interface Happening {
    /** Nothing but time, and what it brings: pods get ready, routers answer, timers of the operator go off. */
    record TimePasses(Duration by) implements Happening {}

    /** The spec asks for a version of the model; 0 for one that can't be had. */
    record VersionIsAsked(int version) implements Happening {}

    /** The spec has another rollout. */
    record RolloutIsEdited(Rollout rollout) implements Happening {}

    record RolloutIsPaused(boolean paused) implements Happening {}

    /** Stable is meant to have so many pods. */
    record ServiceIsScaled(int pods) implements Happening {}

    /** Somebody annotates the service. */
    record SomebodyOrders(Order order, Whom whom, Step step) implements Happening {}

    record AnnotationsGo() implements Happening {}

    /**
     * What checks find from now on.
     *
     * @param first what the first check of a stage finds; {@code null} where nothing is measured
     * @param others what the others find
     */
    record ChecksFind(Verdict first, Verdict others) implements Happening {
        /** The results of a stage's checks; {@code null} where nothing is measured. */
        List<CheckResult> in(Stage stage) {
            if (first == null) {
                return null;
            }
            var results = new ArrayList<CheckResult>();
            if (stage.analysis() != null) {
                stage.analysis().checks().forEach(check -> add(check.name(), results));
            }
            if (stage.comparison() != null) {
                add(CheckResult.COMPARISON, results);
            }
            if (stage.experiment() != null) {
                add(CheckResult.EXPERIMENT, results);
            }
            return results;
        }

        private void add(String name, List<CheckResult> results) {
            results.add(new CheckResult(name, 0.0, 0.5, 1000, results.isEmpty() ? first : others, "as was played"));
        }
    }

    /** Pods of a revision go away. */
    record PodsBreak(Whom whom, int left, boolean forGood) implements Happening {}

    record PodsAreMended() implements Happening {}

    record RoutersAnswer(Promptness how) implements Happening {}

    record StatusIsLost() implements Happening {}

    record OperatorIsKilled(Moment when) implements Happening {}

    /** What people ask for by annotations. */
    enum Order {
        Promote,
        Abort,
        Retry,
        Rollback
    }

    /** Which revision is meant. */
    enum Whom {
        Candidate,
        Stable,
        Rejected,
        Nobody
    }

    /** What a promotion names behind its revision. */
    enum Step {
        None,
        This,
        Last,
        Unknown,
        Full
    }

    /** How routers acknowledge. */
    enum Promptness {
        AtOnce,
        Slowly,
        Never
    }

    /** When an operator is killed. */
    enum Moment {
        BeforeItsNextNote,
        BeforeItActs,
        AfterItsNextSelection
    }
}
