package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.api.v1alpha1.rollout.Analysis.OnInsufficientData;
import dev.tatara.api.v1alpha1.rollout.BlueGreen;
import dev.tatara.api.v1alpha1.rollout.Canary;
import dev.tatara.api.v1alpha1.rollout.Canary.CandidateReplicas;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.api.v1alpha1.rollout.Shadow;
import dev.tatara.api.v1alpha1.rollout.Sticky;
import dev.tatara.operator.inferenceservice.rollout.Happening.Moment;
import dev.tatara.operator.inferenceservice.rollout.Happening.Order;
import dev.tatara.operator.inferenceservice.rollout.Happening.Promptness;
import dev.tatara.operator.inferenceservice.rollout.Happening.Step;
import dev.tatara.operator.inferenceservice.rollout.Happening.Whom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/** Rollouts of every strategy, and what may happen to them. */
final class Histories {
    private static final Check ERRORS =
            new Check("errors", new Check.ErrorRate(0.01, null), null, null, null, null, null);
    private static final Check LATENCY =
            new Check("p99", null, new Check.Latency(99.0, 500.0, null), null, null, null, null);
    private static final Check MINE = new Check(
            "mine", null, null, null, null, new Check.Prometheus("http://prometheus", null, "up", 1.0, null), null);
    private static final Sticky STICKY = new Sticky("x-user");

    private Histories() {}

    static Arbitrary<List<Happening>> histories() {
        return Arbitraries.frequencyOf(Tuple.of(20, happenings().map(List::of)), Tuple.of(1, peopleWhoLetPass()))
                .list()
                .ofMinSize(10)
                .ofMaxSize(80)
                .withSizeDistribution(RandomDistribution.uniform())
                .map(episodes -> episodes.stream().flatMap(List::stream).toList());
    }

    /**
     * Somebody lets a candidate pass that can't go on at once, and its checks fail. By chance alone that comes about too
     * seldom.
     */
    private static Arbitrary<List<Happening>> peopleWhoLetPass() {
        return Combinators.combine(
                        Arbitraries.of(
                                new Happening.RolloutIsPaused(true),
                                new Happening.RoutersAnswer(Promptness.Never),
                                new Happening.PodsBreak(Whom.Candidate, 0, true)),
                        Arbitraries.of(Step.Full, Step.Last),
                        between(1, 180).map(Duration::ofMinutes))
                .as((hindrance, step, time) -> List.of(
                        new Happening.AnnotationsGo(),
                        hindrance,
                        new Happening.SomebodyOrders(Order.Promote, Whom.Candidate, step),
                        new Happening.ChecksFind(Verdict.Failed, Verdict.Failed),
                        new Happening.TimePasses(time)));
    }

    /** Time passes, and things get well, more often than all else. */
    private static Arbitrary<Happening> happenings() {
        return Arbitraries.frequencyOf(
                Tuple.of(40, times().map(Happening.TimePasses::new)),
                Tuple.of(
                        8,
                        Arbitraries.frequency(Tuple.of(1, 0), Tuple.of(3, 1), Tuple.of(6, 2), Tuple.of(4, 3))
                                .map(Happening.VersionIsAsked::new)),
                Tuple.of(4, rollouts().map(Happening.RolloutIsEdited::new)),
                Tuple.of(3, Arbitraries.just(new Happening.RolloutIsPaused(true))),
                Tuple.of(4, Arbitraries.just(new Happening.RolloutIsPaused(false))),
                Tuple.of(2, Arbitraries.of(1, 2, 3, 5, 40).map(Happening.ServiceIsScaled::new)),
                Tuple.of(10, orders()),
                Tuple.of(3, Arbitraries.just(new Happening.AnnotationsGo())),
                Tuple.of(6, Arbitraries.just(new Happening.ChecksFind(Verdict.Passed, Verdict.Passed))),
                Tuple.of(
                        6,
                        Combinators.combine(
                                        Arbitraries.of(Verdict.class).injectNull(0.15), Arbitraries.of(Verdict.class))
                                .as(Happening.ChecksFind::new)),
                Tuple.of(
                        4,
                        Combinators.combine(
                                        Arbitraries.of(Whom.Candidate, Whom.Candidate, Whom.Stable),
                                        Arbitraries.integers().between(0, 2),
                                        Arbitraries.of(true, false))
                                .as(Happening.PodsBreak::new)),
                Tuple.of(4, Arbitraries.just(new Happening.PodsAreMended())),
                Tuple.of(3, Arbitraries.of(Promptness.class).map(Happening.RoutersAnswer::new)),
                Tuple.of(3, Arbitraries.just(new Happening.RoutersAnswer(Promptness.AtOnce))),
                Tuple.of(1, Arbitraries.just(new Happening.StatusIsLost())),
                Tuple.of(3, Arbitraries.of(Moment.class).map(Happening.OperatorIsKilled::new)));
    }

    private static Arbitrary<Duration> times() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, between(1, 120).map(Duration::ofSeconds)),
                Tuple.of(4, between(2, 90).map(Duration::ofMinutes)),
                Tuple.of(2, between(2, 72).map(Duration::ofHours)));
    }

    private static Arbitrary<Integer> between(int least, int most) {
        return Arbitraries.integers().between(least, most).withDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<Happening> orders() {
        return Combinators.combine(
                        Arbitraries.of(
                                Order.Promote, Order.Promote, Order.Promote, Order.Abort, Order.Retry, Order.Rollback),
                        Arbitraries.of(
                                Whom.Candidate,
                                Whom.Candidate,
                                Whom.Candidate,
                                Whom.Stable,
                                Whom.Rejected,
                                Whom.Nobody),
                        Arbitraries.of(Step.None, Step.None, Step.This, Step.Last, Step.Unknown, Step.Full))
                .as(Happening.SomebodyOrders::new);
    }

    static Arbitrary<Rollout> rollouts() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(1, Arbitraries.just(Strategy.RollingUpdate)),
                                Tuple.of(5, Arbitraries.just(Strategy.Canary)),
                                Tuple.of(2, Arbitraries.of(Strategy.BlueGreen, Strategy.Shadow, Strategy.ABTest))),
                        canaries(),
                        blueGreens(),
                        shadows(),
                        experiments(),
                        analyses(ERRORS, LATENCY, MINE).injectNull(0.4),
                        Combinators.combine(
                                        spans("1m", "6h").injectNull(0.4),
                                        spans("2m", "1h").injectNull(0.4),
                                        Arbitraries.of(OnFailure.class).injectNull(0.5))
                                .as(Terms::new))
                .as((strategy, canary, blueGreen, shadow, experiment, analysis, terms) -> new Rollout(
                        strategy,
                        null,
                        canary,
                        blueGreen,
                        shadow,
                        experiment,
                        analysis,
                        terms.stepTimeout(),
                        terms.progressDeadline(),
                        terms.onFailure(),
                        null));
    }

    private record Terms(TimeSpan stepTimeout, TimeSpan progressDeadline, OnFailure onFailure) {}

    private record CanaryStep(int weight, TimeSpan hold, boolean manual, Integer copies, Analysis analysis) {}

    private static Arbitrary<Canary> canaries() {
        var steps = Combinators.combine(
                        Arbitraries.of(0, 1, 5, 20, 50, 66, 100),
                        spans("10s", "5m", "2h", "1d").injectNull(0.3),
                        Arbitraries.frequency(Tuple.of(5, false), Tuple.of(1, true)),
                        Arbitraries.of(10, 100).injectNull(0.8),
                        analyses(MINE).injectNull(0.8))
                .as(CanaryStep::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
        return Combinators.combine(
                        steps,
                        Arbitraries.oneOf(
                                        Arbitraries.of(CandidateReplicas.Mode.Proportional, CandidateReplicas.Mode.Full)
                                                .map(mode -> new CandidateReplicas(mode, null)),
                                        Arbitraries.of(1, 2, 7)
                                                .map(count ->
                                                        new CandidateReplicas(CandidateReplicas.Mode.Fixed, count)))
                                .injectNull(0.5),
                        Arbitraries.just(STICKY).injectNull(0.5),
                        Arbitraries.of(true, false))
                .as((drawn, replicas, sticky, matches) -> new Canary(
                        steps(drawn),
                        replicas,
                        sticky,
                        matches ? List.of(new Canary.HeaderMatch("x-canary", "true")) : List.of()));
    }

    /** In the order of their weights, the last with all of it; a name of its own for each. */
    private static List<Canary.Step> steps(List<CanaryStep> drawn) {
        var sorted = new ArrayList<>(drawn);
        sorted.sort((one, other) -> Integer.compare(one.weight(), other.weight()));
        var steps = new ArrayList<Canary.Step>();
        for (int i = 0; i < sorted.size(); i++) {
            var step = sorted.get(i);
            var weight = i == sorted.size() - 1 ? Routing.ALL : step.weight();
            steps.add(new Canary.Step(
                    "w" + weight + "-" + i,
                    weight,
                    step.hold(),
                    step.manual(),
                    step.copies() == null ? null : new Canary.StepShadow(step.copies()),
                    step.analysis()));
        }
        return steps;
    }

    private static Arbitrary<BlueGreen> blueGreens() {
        var trials = Combinators.combine(
                        spans("10s", "1h").injectNull(0.3), analyses(MINE).injectNull(0.5))
                .as(BlueGreen.Trial::new)
                .injectNull(0.3);
        return Combinators.combine(Arbitraries.of(true, false), Arbitraries.of(true, false), trials, trials)
                .as(BlueGreen::new);
    }

    private static Arbitrary<Shadow> shadows() {
        return Combinators.combine(
                        Arbitraries.of(20, 100).injectNull(0.3),
                        spans("10s", "1h").injectNull(0.3),
                        Arbitraries.of(true, false))
                .as((percent, hold, promotes) -> new Shadow(percent, hold, null, promotes));
    }

    private static Arbitrary<AbTest> experiments() {
        return Combinators.combine(
                        Arbitraries.of(10, 50).injectNull(0.3),
                        spans("1h", "3d").injectNull(0.3),
                        Arbitraries.of(AbTest.Winner.class).injectNull(0.3))
                .as((percent, longest, winner) -> new AbTest(
                        percent,
                        STICKY,
                        new AbTest.Metric("sold", AbTest.Metric.Kind.Proportion),
                        0.1,
                        null,
                        0.01,
                        null,
                        null,
                        null,
                        longest,
                        winner));
    }

    private static Arbitrary<Analysis> analyses(Check... checks) {
        return Combinators.combine(
                        spans("1m", "10m", "2h").injectNull(0.05),
                        Arbitraries.of(1, 2, 3).injectNull(0.4),
                        Arbitraries.of(OnInsufficientData.class).injectNull(0.4),
                        Arbitraries.of(checks).set().ofMinSize(1).ofMaxSize(checks.length))
                .as((interval, limit, lacking, chosen) ->
                        new Analysis(interval, null, limit, lacking, List.copyOf(chosen)));
    }

    private static Arbitrary<TimeSpan> spans(String... texts) {
        return Arbitraries.of(texts).map(TimeSpan::new);
    }
}
