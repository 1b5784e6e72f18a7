package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.api.v1alpha1.rollout.BlueGreen;
import dev.tatara.api.v1alpha1.rollout.Canary.CandidateReplicas;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.api.v1alpha1.rollout.Shadow;
import dev.tatara.api.v1alpha1.rollout.Shadow.Comparison;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads every strategy as a list of stages. After the last stage the candidate is promoted. */
public final class Stages {
    private static final int DEFAULT_CANDIDATE_PERCENT = 50;
    private static final Stage.Pods FULL = new Stage.Pods.Full();
    private static final Stage.Pods PROPORTIONAL = new Stage.Pods.Proportional();

    private Stages() {}

    /**
     * The stages of a rollout, at least one; the last gives the candidate everything.
     *
     * @param rollout {@code null} for the default, RollingUpdate
     */
    public static List<Stage> of(Rollout rollout) {
        return switch (strategyOf(rollout)) {
            case RollingUpdate -> List.of(all(null, null, true));
            case Canary -> canary(rollout);
            case BlueGreen -> blueGreen(rollout);
            case Shadow -> shadow(rollout);
            case ABTest -> experiment(rollout);
        };
    }

    /** The strategy that applies. */
    public static Strategy strategyOf(Rollout rollout) {
        return rollout == null || rollout.strategy() == null ? Strategy.RollingUpdate : rollout.strategy();
    }

    private static List<Stage> canary(Rollout rollout) {
        var canary = rollout.canary();
        return canary.steps().stream()
                .map(step -> {
                    var percent = step.shadow() == null ? 0 : step.shadow().percent();
                    var analysis = step.analysis() == null
                            ? inherited(
                                    rollout.analysis(),
                                    step.weight(),
                                    !canary.match().isEmpty())
                            : step.analysis();
                    return new Stage(
                            step.name(),
                            step.weight(),
                            pods(canary.candidateReplicas()),
                            duration(step.hold()),
                            Boolean.TRUE.equals(step.manual()),
                            percent,
                            null,
                            null,
                            unlessEmpty(analysis),
                            canary.match(),
                            canary.sticky() == null ? null : canary.sticky().header(),
                            false,
                            false);
                })
                .toList();
    }

    private static List<Stage> blueGreen(Rollout rollout) {
        var block = rollout.blueGreen() == null ? new BlueGreen(null, null, null, null) : rollout.blueGreen();
        return List.of(
                new Stage(
                        "preview",
                        0,
                        FULL,
                        hold(block.prePromotion()),
                        !Boolean.TRUE.equals(block.autoPromote()),
                        0,
                        null,
                        null,
                        trial(block.prePromotion(), rollout.analysis(), 0),
                        List.of(),
                        null,
                        Boolean.TRUE.equals(block.preview()),
                        false),
                new Stage(
                        "switch",
                        Routing.ALL,
                        FULL,
                        hold(block.postPromotion()),
                        false,
                        0,
                        null,
                        null,
                        trial(block.postPromotion(), rollout.analysis(), Routing.ALL),
                        List.of(),
                        null,
                        false,
                        false));
    }

    private static List<Stage> shadow(Rollout rollout) {
        var block = rollout.shadow() == null ? new Shadow(null, null, null, null) : rollout.shadow();
        return List.of(
                new Stage(
                        "shadow",
                        0,
                        PROPORTIONAL,
                        duration(block.hold()),
                        !Boolean.TRUE.equals(block.thenPromote()),
                        block.percent() == null ? Routing.ALL : block.percent(),
                        block.compare() == null ? new Comparison(null, null, null) : block.compare(),
                        null,
                        judgeable(rollout.analysis(), 0, false),
                        List.of(),
                        null,
                        false,
                        false),
                all(inherited(rollout.analysis(), Routing.ALL, false), null, false));
    }

    private static List<Stage> experiment(Rollout rollout) {
        var block = rollout.abTest();
        var weight = block.candidatePercent() == null ? DEFAULT_CANDIDATE_PERCENT : block.candidatePercent();
        return List.of(
                new Stage(
                        "experiment",
                        weight,
                        PROPORTIONAL,
                        Duration.ZERO,
                        block.winner() != AbTest.Winner.Promote,
                        0,
                        null,
                        block,
                        rollout.analysis(),
                        List.of(),
                        block.sticky().header(),
                        false,
                        false),
                // People stay on their side until the candidate has the pods for all of them.
                all(
                        inherited(rollout.analysis(), Routing.ALL, false),
                        block.sticky().header(),
                        false));
    }

    private static Stage all(Analysis analysis, String stickyHeader, boolean atOnce) {
        return new Stage(
                "all",
                Routing.ALL,
                FULL,
                Duration.ZERO,
                false,
                0,
                null,
                null,
                analysis,
                List.of(),
                stickyHeader,
                false,
                atOnce);
    }

    private static Analysis inherited(Analysis analysis, int weight, boolean isMatched) {
        return unlessEmpty(judgeable(analysis, weight, isMatched));
    }

    /**
     * As much of an analysis, meant for the whole rollout, as can be judged at a weight: without requests of its own a
     * candidate has no errors, and where stable has none there is nothing to compare with. What it says besides its checks
     * holds for what a stage is judged by anyway, too.
     */
    private static Analysis judgeable(Analysis analysis, int weight, boolean isMatched) {
        if (analysis == null || (weight > 0 && weight < Routing.ALL)) {
            return analysis;
        }
        return new Analysis(
                analysis.interval(),
                analysis.minSamples(),
                analysis.failureLimit(),
                analysis.onInsufficientData(),
                analysis.checks().stream()
                        .filter(check -> weight == 0 ? isMatched || !needsRequests(check) : !needsStable(check))
                        .toList());
    }

    /** Why nobody can honour a stage, and what to do instead; empty if it can be. */
    public static Optional<String> obstacle(Stage stage) {
        if (stage.analysis() == null) {
            return Optional.empty();
        }
        var hasRequests = stage.weight() > 0 || !stage.matches().isEmpty() || stage.preview();
        return stage.analysis().checks().stream()
                .filter(check ->
                        (!hasRequests && needsRequests(check)) || (stage.weight() == Routing.ALL && needsStable(check)))
                .findFirst()
                .map(check -> "check " + check.name() + " of step " + stage.name() + " can't be judged at weight "
                        + stage.weight()
                        + (hasRequests
                                ? ": it compares with stable, which gets nothing then; give it to an earlier step"
                                : ": the candidate answers nothing then; give it to a later step"));
    }

    /** Whether a check is about requests that the candidate answered. */
    public static boolean needsRequests(Check check) {
        return check.errorRate() != null
                || check.latency() != null
                || check.predictionDrift() != null
                || check.performance() != null;
    }

    /** Whether a check is about requests that stable answered meanwhile. */
    public static boolean needsStable(Check check) {
        return check.predictionDrift() != null
                || (check.errorRate() != null && check.errorRate().significantlyWorse() != null)
                || (check.latency() != null && check.latency().maxIncreasePercent() != null);
    }

    private static Analysis trial(BlueGreen.Trial trial, Analysis whole, int weight) {
        return trial == null || trial.analysis() == null
                ? inherited(whole, weight, false)
                : unlessEmpty(trial.analysis());
    }

    private static Analysis unlessEmpty(Analysis analysis) {
        return analysis == null || analysis.checks().isEmpty() ? null : analysis;
    }

    private static Stage.Pods pods(CandidateReplicas asked) {
        return asked == null
                ? PROPORTIONAL
                : switch (asked.mode()) {
                    case Proportional -> PROPORTIONAL;
                    case Full -> FULL;
                    case Fixed -> new Stage.Pods.Fixed(asked.fixed());
                };
    }

    private static Duration hold(BlueGreen.Trial trial) {
        return trial == null ? Duration.ZERO : duration(trial.hold());
    }

    private static Duration duration(TimeSpan span) {
        return span == null ? Duration.ZERO : span.toDuration();
    }
}
