package dev.tatara.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code drift} found out about a service's live traffic. Numbers are finite or absent.
 *
 * @param window which live data were looked at
 * @param watermark end of the newest pane in the window: what happened later isn't here yet; {@code null} without panes
 * @param samples rows answered in the window, exact
 * @param sampled rows of these that are in sketches
 * @param panes panes in the window, those that were rolled up included
 * @param pods pods that wrote them
 * @param lost panes that pods made and never got into the store, as the gaps in their numbers tell, and the open ones of
 *     pods that were killed
 * @param damaged panes in the window that can't be read and aren't counted above
 * @param verdicts one per kind of breach that the policy asks for, in the order of {@link Breach}; never cut
 * @param driftedShare share of the judged features that drifted, 0 to 1; {@code null} where none was judged
 * @param drifted the same as it is spoken: {@code 3/50}
 * @param features at most {@value #MOST_FEATURES}, the worst first
 * @param prediction the answer that differs most; {@code null} where the policy doesn't ask for it or there is nothing
 *     to compare
 * @param performance metrics against labels, in the policy's order
 * @param service what callers met; {@code null} where nothing is known of it
 * @param quality features that break a rule of the policy's {@code data.quality}; {@code null} where it has none
 * @param report address of the report for people, HTML; {@code null} where the policy wants none
 * @param rolledUp what was done to the store's panes; {@code null} where they were left alone
 * @param truncated whether something was left out so that the result fits a termination message
 */
public record DriftEvaluated(
        Window window,
        Instant watermark,
        long samples,
        long sampled,
        long panes,
        int pods,
        long lost,
        int damaged,
        List<Verdict> verdicts,
        Double driftedShare,
        String drifted,
        List<Feature> features,
        Feature prediction,
        List<Performance> performance,
        Service service,
        Quality quality,
        String report,
        RolledUp rolledUp,
        boolean truncated) {
    /** Features that a result lists. */
    public static final int MOST_FEATURES = 20;

    /** Characters of a verdict's reason. */
    public static final int LONGEST_REASON = 256;

    /** Five of these fit a termination message, whatever script their features are named in. */
    private static final int SHORT_REASON = 100;

    public DriftEvaluated {
        Objects.requireNonNull(window, "window");
        verdicts = verdicts == null ? List.of() : List.copyOf(verdicts);
        features = features == null ? List.of() : List.copyOf(features);
        performance = performance == null ? List.of() : List.copyOf(performance);
        driftedShare = finite(driftedShare);
    }

    /**
     * Which live data were looked at.
     *
     * @param start begin; what straddles it isn't counted
     * @param end the evaluation's time
     */
    public record Window(Instant start, Instant end) {}

    /** What a policy can ask for. */
    public enum Breach {
        DataDrift,
        DataQuality,
        PredictionDrift,
        Performance,
        ServiceLevel
    }

    /** How one kind of breach was judged. */
    public enum Judgement {
        Good,
        /** Beyond the bound that is worth a warning. */
        Warning,
        Breached,
        /** Too few samples or labels, or nothing to compare with: neither good nor bad. */
        InsufficientData,
        /** What is needed for it can't be read; the reason says why. The others were judged all the same. */
        Error
    }

    /**
     * The verdict on one kind of breach.
     *
     * @param breach the kind
     * @param verdict how it was judged
     * @param reason why, for people; at most {@value #LONGEST_REASON} characters
     */
    public record Verdict(Breach breach, Judgement verdict, String reason) {
        public Verdict {
            Objects.requireNonNull(breach, "breach");
            Objects.requireNonNull(verdict, "verdict");
            reason = cut(reason == null ? "" : reason, LONGEST_REASON);
        }
    }

    /**
     * One column, live against reference.
     *
     * @param name its name, as panes have it
     * @param test the test's name in the API, never {@code Auto}; {@code null} where none could be made
     * @param statistic what the test found: a distance, or the test's statistic
     * @param threshold bound of the distance, or of the p-value where there is one
     * @param pValue p-value after correction, where the test has one
     * @param drifted whether it is beyond the bound
     * @param warning whether it is beyond the bound that is worth a warning
     * @param note what else there is to say, for people: a new category, too few values, …; else {@code null}
     */
    public record Feature(
            String name,
            String test,
            Double statistic,
            Double threshold,
            Double pValue,
            boolean drifted,
            boolean warning,
            String note) {
        public Feature {
            Objects.requireNonNull(name, "name");
            statistic = finite(statistic);
            threshold = finite(threshold);
            pValue = finite(pValue);
        }
    }

    /**
     * A metric of the model against labels.
     *
     * @param metric its name
     * @param value its value; {@code null} where it has none
     * @param samples labelled predictions that it rests on
     * @param breached whether it broke its bound
     * @param note what else there is to say, for people; else {@code null}
     */
    public record Performance(String metric, Double value, long samples, boolean breached, String note) {
        public Performance {
            Objects.requireNonNull(metric, "metric");
            value = finite(value);
        }
    }

    /**
     * What callers met in the window.
     *
     * @param requests requests that came
     * @param p99Millis 99th percentile of the latency in milliseconds
     * @param errorRate share of requests that failed, 0 to 1
     * @param requestsPerSecond over the time that panes cover
     */
    public record Service(long requests, Double p99Millis, Double errorRate, Double requestsPerSecond) {
        public Service {
            p99Millis = finite(p99Millis);
            errorRate = finite(errorRate);
            requestsPerSecond = finite(requestsPerSecond);
        }
    }

    /**
     * Features that break a rule of quality.
     *
     * @param violations how many rules are broken, counted by feature
     * @param first the first few, for people
     */
    public record Quality(int violations, List<String> first) {
        public Quality {
            first = first == null ? List.of() : List.copyOf(first);
        }
    }

    /**
     * What was done to the store's panes.
     *
     * @param hours hourly roll-ups that were written
     * @param days daily roll-ups that were written
     * @param panes panes that were rolled up
     * @param late how many of them arrived after their hour had been rolled up
     * @param deleted objects that were deleted, because a roll-up has them
     * @param trouble why it broke off, for people; {@code null} where it didn't
     */
    public record RolledUp(int hours, int days, long panes, long late, long deleted, String trouble) {}

    /** The verdict on a kind of breach; nothing where the policy doesn't ask for it. */
    public Optional<Verdict> verdict(Breach breach) {
        return verdicts.stream().filter(verdict -> verdict.breach() == breach).findFirst();
    }

    /**
     * The same in fewer bytes: first with fewer features, then without notes and examples, then with shorter reasons and
     * at last without the prediction and the metrics. Verdicts stay.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<DriftEvaluated> shorter() {
        if (features.size() > 1) {
            return Optional.of(
                    with(verdicts, features.subList(0, features.size() / 2), prediction, performance, quality));
        }
        if (hasNotes()) {
            return Optional.of(with(
                    verdicts,
                    features.stream().map(DriftEvaluated::withoutNote).toList(),
                    prediction == null ? null : withoutNote(prediction),
                    performance.stream()
                            .map(one -> new Performance(one.metric, one.value, one.samples, one.breached, null))
                            .toList(),
                    quality == null ? null : new Quality(quality.violations, List.of())));
        }
        if (verdicts.stream().anyMatch(verdict -> verdict.reason.length() > SHORT_REASON)) {
            return Optional.of(with(
                    verdicts.stream()
                            .map(one -> new Verdict(one.breach, one.verdict, cut(one.reason, SHORT_REASON)))
                            .toList(),
                    features,
                    prediction,
                    performance,
                    quality));
        }
        if (!features.isEmpty() || prediction != null || !performance.isEmpty()) {
            return Optional.of(with(verdicts, List.of(), null, List.of(), quality));
        }
        return Optional.empty();
    }

    private boolean hasNotes() {
        return features.stream().anyMatch(feature -> feature.note != null)
                || (prediction != null && prediction.note != null)
                || performance.stream().anyMatch(one -> one.note != null)
                || (quality != null && !quality.first.isEmpty());
    }

    private static Feature withoutNote(Feature full) {
        return new Feature(
                full.name, full.test, full.statistic, full.threshold, full.pValue, full.drifted, full.warning, null);
    }

    private DriftEvaluated with(
            List<Verdict> shorterVerdicts,
            List<Feature> fewerFeatures,
            Feature shorterPrediction,
            List<Performance> shorterPerformance,
            Quality shorterQuality) {
        return new DriftEvaluated(
                window,
                watermark,
                samples,
                sampled,
                panes,
                pods,
                lost,
                damaged,
                shorterVerdicts,
                driftedShare,
                drifted,
                fewerFeatures,
                shorterPrediction,
                shorterPerformance,
                service,
                shorterQuality,
                report,
                rolledUp,
                true);
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    private static Double finite(Double number) {
        return number == null || !Double.isFinite(number) ? null : number;
    }
}
