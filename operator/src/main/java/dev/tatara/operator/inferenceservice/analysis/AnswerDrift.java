package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Check.DistanceTest;
import dev.tatara.api.v1alpha1.rollout.Check.PredictionDrift;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.drift.Bound;
import dev.tatara.statistics.drift.Comparison;
import dev.tatara.statistics.drift.DriftTests;
import dev.tatara.statistics.drift.Method;
import dev.tatara.statistics.drift.Rule;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The distance between the candidate's answers and stable's. It counts when it is beyond its bound and beyond what two
 * samples of one distribution of these sizes differ by (see {@link DriftTests}); of several figures the worst decides.
 */
record AnswerDrift(PredictionDrift asked) {
    private record Found(String column, Comparison comparison) {}

    CheckResult judge(String name, Optional<Timeline.Window> window, long needed) {
        if (window.isEmpty()) {
            return Checks.insufficient(name, 0, "waiting for " + needed + " answers of both sides");
        }
        var stable = window.get().stable().predictions();
        var candidate = window.get().candidate().predictions();
        var answers = window.get().candidate().latency().count();
        // The bound itself is good still.
        var rule = new Rule(method(), Bound.distance(Math.nextUp(asked.maxDistance())), null, needed);
        return names(stable, candidate).stream()
                .map(column ->
                        new Found(column, DriftTests.compare(sketch(stable, column), sketch(candidate, column), rule)))
                .filter(found -> found.comparison().judged())
                .max(Comparator.comparing((Found found) -> found.comparison().drifted())
                        .thenComparing(found -> found.comparison().severity()))
                .map(worst -> result(name, worst, answers))
                .orElseGet(() ->
                        Checks.insufficient(name, answers, "too few answers of both sides are in the pods' sketches"));
    }

    private CheckResult result(String name, Found worst, long answers) {
        var comparison = worst.comparison();
        return new CheckResult(
                name,
                null,
                comparison.statistic(),
                answers,
                comparison.drifted() ? Verdict.Failed : Verdict.Passed,
                comparison.method() == null
                        ? worst.column() + ": " + comparison.text()
                        : comparison.method() + " of " + worst.column() + " is "
                                + CheckResult.number(comparison.statistic())
                                + " between the answers of both sides, at most "
                                + CheckResult.number(asked.maxDistance()) + " is good"
                                + (comparison.drifted() || comparison.statistic() <= asked.maxDistance()
                                        ? ""
                                        : " (no more than chance among so few)"));
    }

    private Method method() {
        return switch (asked.test() == null ? DistanceTest.PSI : asked.test()) {
            case PSI -> Method.PSI;
            case JensenShannon -> Method.JensenShannon;
            case KullbackLeibler -> Method.KullbackLeibler;
            case Wasserstein -> Method.Wasserstein;
        };
    }

    private static LinkedHashSet<String> names(List<Column> stable, List<Column> candidate) {
        var names = new LinkedHashSet<String>();
        Stream.concat(stable.stream(), candidate.stream())
                .filter(column -> column.role() == Role.Prediction)
                .map(Column::name)
                .forEach(names::add);
        return names;
    }

    private static Sketch sketch(List<Column> columns, String name) {
        return columns.stream()
                .filter(column ->
                        column.role() == Role.Prediction && column.name().equals(name))
                .map(Column::sketch)
                .findFirst()
                .orElse(null);
    }
}
