package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.api.v1alpha1.rollout.Shadow.Comparison;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.statistics.sequential.ErrorRates;
import dev.tatara.statistics.sequential.Spending;
import dev.tatara.traffic.TrafficStatistics.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Judges a candidate by what was measured. A verdict needs samples: too few are no verdict, neither good nor bad. Pure.
 *
 * <p>Figures are those of the shortest window that ends now, is as long as the interval at least, lies within the stage
 * and has {@code minSamples} of the candidate (of stable as well where the two are compared); a percentile also needs as
 * many as make it more than the maximum. A test of significance looks at the whole stage instead, may be looked at any
 * time, and shares its alpha with the other tests of the look (Holm) and with the other stages (Bonferroni).
 */
final class Checks {
    /** Samples where nothing is said. */
    static final int MIN_SAMPLES = 100;

    /** Time between two looks where nothing is said. */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    /** Deviations by which a candidate refuses more than stable before it is held against it: one look in 30,000. */
    private static final double BEYOND_CHANCE = 4;

    /** Share of answers that may differ where nothing is said. */
    static final double MAX_MISMATCH = 0.01;

    private final String stable;
    private final String candidate;
    private final Measurements measured;
    private final Timeline stage;
    private final Instant now;
    private final int stages;

    /**
     * Checks of one look.
     *
     * @param since when the stage's traffic began to flow
     * @param stages of the rollout that may have such checks: they share the alphas
     */
    Checks(String stable, String candidate, Measurements measured, Instant since, Instant now, int stages) {
        this.stable = stable;
        this.candidate = candidate;
        this.measured = measured;
        this.stage = measured.timeline().since(since);
        this.now = now;
        this.stages = stages;
    }

    /** A result of each check, in their order. */
    List<CheckResult> judge(Analysis analysis) {
        var worse = worse(analysis);
        return IntStream.range(0, analysis.checks().size())
                .mapToObj(i -> judge(analysis, analysis.checks().get(i), worse.get(i)))
                .toList();
    }

    /** Whether copies were answered alike. */
    CheckResult judge(Comparison comparison) {
        var copies = stage.copies();
        var samples = copies.compared() + copies.failed();
        var needed = comparison.minSamples() == null ? MIN_SAMPLES : comparison.minSamples();
        if (samples < needed) {
            return insufficient(
                    CheckResult.COMPARISON,
                    samples,
                    "waiting for " + needed + " answers to compare (" + samples + " so far"
                            + (copies.dropped() > 0 ? ", " + copies.dropped() + " copies dropped" : "") + ")");
        }
        var share = (double) (copies.mismatched() + copies.failed()) / samples;
        var max = comparison.maxMismatch() == null ? MAX_MISMATCH : comparison.maxMismatch();
        return bounded(
                CheckResult.COMPARISON,
                null,
                share,
                samples,
                null,
                max,
                percent(share) + " of " + samples + " answers differ from stable's"
                        + (copies.failed() > 0 ? " (" + copies.failed() + " failed)" : "") + ", at most "
                        + percent(max) + " may");
    }

    private CheckResult judge(Analysis analysis, Check check, Optional<Worse> worse) {
        if (worse.isPresent()) {
            return worse.get().result(check.name(), minSamples(analysis));
        }
        if (check.errorRate() != null) {
            return errorRate(analysis, check.name(), check.errorRate().max());
        }
        if (check.latency() != null) {
            return latency(analysis, check.name(), check.latency());
        }
        if (check.predictionDrift() != null) {
            return new AnswerDrift(check.predictionDrift())
                    .judge(check.name(), answersOfBoth(stage, stable, candidate, now, analysis), minSamples(analysis));
        }
        if (check.prometheus() != null) {
            return outside(
                    check.name(), check.prometheus().min(), check.prometheus().max());
        }
        return outside(check.name(), null, null);
    }

    private CheckResult errorRate(Analysis analysis, String name, double max) {
        var needed = minSamples(analysis);
        var window = stage.shortest(stable, candidate, now, interval(analysis), Checks::requests, needed, 0);
        if (window.isEmpty()) {
            return waiting(name, "requests", requests(stage.total(candidate)), needed, null);
        }
        var found = window.get().candidate();
        var usual = requests(window.get().stable()) > 0
                ? window.get().stable()
                : measured.timeline().total(stable);
        var refused = refusedBeyondChance(found, usual);
        var requests = requests(found);
        var rate = (failures(found) + refused) / requests;
        return bounded(
                name,
                requests(window.get().stable()) == 0
                        ? null
                        : errorRate(window.get().stable()),
                rate,
                requests,
                null,
                max,
                percent(rate) + " of " + requests + " requests failed"
                        + (refused > 0
                                ? " (" + found.refused() + " were refused for their inputs, of stable's "
                                        + percent((double) usual.refused() / usual.requests()) + ")"
                                : "")
                        + ", at most " + percent(max) + " may");
    }

    /**
     * Requests that the candidate refused for their inputs and stable would have taken. What clients send wrong both
     * refuse alike, so that only the difference counts, as far as it is beyond chance.
     *
     * @param usual what stable did with requests of the same clients; without any nothing is known
     */
    private static double refusedBeyondChance(Figures candidate, Figures usual) {
        if (usual.requests() == 0 || candidate.refused() == 0) {
            return 0;
        }
        var requests = (double) candidate.requests();
        var pooled = (candidate.refused() + usual.refused()) / (requests + usual.requests());
        var deviation = Math.sqrt(pooled * (1 - pooled) * requests * (1 + requests / usual.requests()));
        var expected = requests * usual.refused() / usual.requests();
        return Math.max(0, candidate.refused() - expected - BEYOND_CHANCE * deviation);
    }

    private CheckResult latency(Analysis analysis, String name, Check.Latency latency) {
        var share = latency.percentile() / 100;
        // Below this the percentile is the slowest of all.
        var needed = Math.max(minSamples(analysis), (long) Math.ceil(1 / (1 - share)));
        var compared = latency.maxIncreasePercent() != null;
        var window = stage.shortest(
                stable,
                candidate,
                now,
                interval(analysis),
                figures -> figures.latency().count(),
                needed,
                compared ? needed : 0);
        if (window.isEmpty()) {
            return waiting(
                    name,
                    "answers",
                    stage.total(candidate).latency().count(),
                    needed,
                    compared ? stage.total(stable).latency().count() : null);
        }
        var found = millis(window.get().candidate(), share);
        var samples = window.get().candidate().latency().count();
        var ofStable = window.get().stable().latency().count() == 0
                ? null
                : millis(window.get().stable(), share);
        var max = compared ? ofStable * (1 + latency.maxIncreasePercent() / 100) : latency.maxMillis();
        return bounded(
                name,
                ofStable,
                found,
                samples,
                null,
                max,
                "p" + CheckResult.number(latency.percentile()) + " of " + samples + " answers is "
                        + CheckResult.number(found)
                        + " ms, at most " + CheckResult.number(max) + " ms is good"
                        + (compared ? " (stable's " + CheckResult.number(ofStable) + " ms)" : ""));
    }

    private CheckResult outside(String name, Double min, Double max) {
        return switch (measured.answers().getOrDefault(name, new Measurements.Answer.None("not asked yet"))) {
            case Measurements.Answer.Value(double value)
            when Double.isNaN(value) -> insufficient(name, 0, "the query gives no number");
            case Measurements.Answer.Value(double value) ->
                bounded(
                        name,
                        null,
                        value,
                        1,
                        min,
                        max,
                        "the query gives " + CheckResult.number(value) + ", good is "
                                + (min == null ? "" : "from " + CheckResult.number(min) + (max == null ? " on" : " "))
                                + (max == null ? "" : "up to " + CheckResult.number(max)));
            case Measurements.Answer.Ended(boolean passed, String message) ->
                new CheckResult(name, null, null, 1, passed ? Verdict.Passed : Verdict.Failed, message);
            case Measurements.Answer.Found(CheckResult result) -> result;
            case Measurements.Answer.None(String why) -> insufficient(name, 0, why);
        };
    }

    /** A test of significance, as far as it can be made. */
    private record Worse(ErrorRates.Found found, double alpha, boolean isFound) {
        CheckResult result(String name, long needed) {
            if (found.candidate() < needed || found.stable() < needed) {
                return waiting(name, "requests", found.candidate(), needed, found.stable());
            }
            return new CheckResult(
                    name,
                    found.stableRate(),
                    found.candidateRate(),
                    found.candidate(),
                    isFound ? Verdict.Failed : Verdict.Passed,
                    percent(found.candidateRate()) + " of the candidate's " + found.candidate()
                            + " requests failed and " + percent(found.stableRate()) + " of stable's "
                            + found.stable() + (isFound ? ": worse beyond chance" : ": no worse beyond chance") + " (p "
                            + CheckResult.number(found.pValue()) + ", alpha " + CheckResult.number(alpha)
                            + " over the whole rollout)");
        }
    }

    /** The tests of significance of a look, each in its check's place. */
    private List<Optional<Worse>> worse(Analysis analysis) {
        var results = new ArrayList<Optional<Worse>>();
        var tested = analysis.checks().stream()
                .filter(check -> check.errorRate() != null && check.errorRate().significantlyWorse() != null)
                .toList();
        var found = tested.isEmpty() ? null : ErrorRates.compare(buckets());
        var alphas = tested.stream()
                .mapToDouble(check -> check.errorRate().significantlyWorse().alpha())
                .toArray();
        var pValues = new double[alphas.length];
        for (var i = 0; i < pValues.length; i++) {
            pValues[i] = found.pValue();
        }
        var isFound = Spending.holm(
                pValues, Arrays.stream(alphas).map(alpha -> alpha / stages).toArray());
        for (var check : analysis.checks()) {
            var i = tested.indexOf(check);
            results.add(i < 0 ? Optional.empty() : Optional.of(new Worse(found, alphas[i], isFound[i])));
        }
        return results;
    }

    private List<ErrorRates.Bucket> buckets() {
        return stage.buckets().values().stream()
                .map(bucket -> {
                    var ofStable = Timeline.of(bucket, stable);
                    var ofCandidate = Timeline.of(bucket, candidate);
                    return new ErrorRates.Bucket(
                            requests(ofStable),
                            failures(ofStable) + ofStable.refused(),
                            requests(ofCandidate),
                            failures(ofCandidate) + ofCandidate.refused());
                })
                .toList();
    }

    /** The window of answers that both sides gave. */
    static Optional<Timeline.Window> answersOfBoth(
            Timeline stage, String stable, String candidate, Instant now, Analysis analysis) {
        var needed = minSamples(analysis);
        return stage.shortest(
                stable,
                candidate,
                now,
                interval(analysis),
                figures -> figures.latency().count(),
                needed,
                needed);
    }

    private static long requests(Figures figures) {
        return figures.requests() + figures.unreachable();
    }

    private static long failures(Figures figures) {
        return figures.failed() + figures.unreachable();
    }

    private static double errorRate(Figures figures) {
        return (double) failures(figures) / requests(figures);
    }

    private static double millis(Figures figures, double share) {
        return figures.latency().quantile(share).toNanos() / 1e6;
    }

    static long minSamples(Analysis analysis) {
        return analysis.minSamples() == null ? MIN_SAMPLES : analysis.minSamples();
    }

    static Duration interval(Analysis analysis) {
        return analysis.interval() == null ? INTERVAL : analysis.interval().toDuration();
    }

    /** A verdict by bounds, both of which are good themselves. */
    private static CheckResult bounded(
            String name, Double stable, double found, long samples, Double min, Double max, String message) {
        var good = (min == null || found >= min) && (max == null || found <= max);
        return new CheckResult(name, stable, found, samples, good ? Verdict.Passed : Verdict.Failed, message);
    }

    static CheckResult waiting(String name, String what, long candidate, long needed, Long stable) {
        return insufficient(
                name,
                candidate,
                "waiting for " + needed + " " + what + " (" + candidate + " so far"
                        + (stable == null ? "" : ", " + stable + " of stable") + ")");
    }

    static CheckResult insufficient(String name, long samples, String message) {
        return new CheckResult(name, null, null, samples, Verdict.InsufficientData, message);
    }

    private static String percent(double share) {
        return CheckResult.number(share * 100) + " %";
    }
}
