package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.LabelSource;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.UnreadableException;
import dev.tatara.steps.evaluate.Metric;
import dev.tatara.steps.feedback.LabelledPredictions;
import dev.tatara.steps.feedback.LabelledPredictions.Joined;
import dev.tatara.steps.feedback.LabelledPredictions.Wanted;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares predictions with what turned out to be true. */
final class PerformanceJudge {
    private static final Duration WINDOW = Duration.ofDays(7);
    private static final long MIN_SAMPLES = 100;
    /** Metrics rest on the latest of these where there are more. */
    private static final long MOST_ROWS = 5_000_000;

    private final DriftPlan plan;
    private final DriftOptions options;
    private final StoreFolder files;
    private final StepContext context;

    PerformanceJudge(DriftPlan plan, DriftOptions options, StoreFolder files, StepContext context) {
        this.plan = plan;
        this.options = options;
        this.files = files;
        this.context = context;
    }

    /**
     * What was found.
     *
     * @param verdict on all metrics together
     * @param metrics in the policy's order
     */
    record Found(Verdict verdict, List<DriftEvaluated.Performance> metrics) {}

    /** Metrics that rest on the same rows. */
    private record Source(LabelSource labels, String uri, Duration window, Long samples) {
        static Source of(Performance asked) {
            return new Source(
                    asked.labels() == null ? LabelSource.Feedback : asked.labels(),
                    asked.uri(),
                    asked.window() == null ? WINDOW : asked.window().toDuration(),
                    asked.samples());
        }
    }

    private record Judged(DriftEvaluated.Performance metric, Judgement judgement, String reason) {
        static Judged without(Performance asked, long samples, Judgement judgement, String reason) {
            return new Judged(
                    new DriftEvaluated.Performance(asked.metric(), null, samples, false, reason),
                    judgement,
                    asked.metric() + ": " + reason);
        }
    }

    Found judge() throws StepFailure, IOException {
        var judged = new Judged[plan.performance().size()];
        var groups = new LinkedHashMap<Source, List<Integer>>();
        for (int i = 0; i < judged.length; i++) {
            groups.computeIfAbsent(Source.of(plan.performance().get(i)), any -> new ArrayList<>())
                    .add(i);
        }
        for (var group : groups.entrySet()) {
            judge(group.getKey(), group.getValue(), judged);
        }
        return found(Arrays.asList(judged));
    }

    private void judge(Source source, List<Integer> positions, Judged[] judged) throws StepFailure, IOException {
        var folder = Files.createTempDirectory(context.workspace(), "labels-");
        try (var engine = TableEngine.open(
                Files.createDirectory(folder.resolve("spill")), options.memoryBytes(), options.threads())) {
            var predictions = new LabelledPredictions(files, engine, folder, context.progress());
            var wanted = new Wanted(
                    plan.namespace(),
                    plan.service(),
                    options.revisions(),
                    options.begin(source.window),
                    options.at(),
                    source.samples == null ? MOST_ROWS : Math.min(MOST_ROWS, source.samples));
            var joined = source.labels == LabelSource.Feedback
                    ? predictions.withFeedback(wanted)
                    : withFile(source.uri, predictions, wanted, folder);
            for (var position : positions) {
                judged[position] = judge(plan.performance().get(position), joined, engine);
            }
        } catch (UnreadableException e) {
            for (var position : positions) {
                judged[position] = Judged.without(plan.performance().get(position), 0, Judgement.Error, e.getMessage());
            }
        } catch (SQLException e) {
            throw QueryFailure.of(e);
        }
    }

    private Joined withFile(String address, LabelledPredictions predictions, Wanted wanted, Path folder)
            throws StepFailure, UnreadableException, SQLException, IOException {
        var uri = context.address("performance.uri", Objects.requireNonNullElse(address, ""));
        try (var store = ArtifactStore.open(options.sourceSettings())) {
            var file = folder.resolve(nameOf(uri));
            store.download(uri, file, Long.MAX_VALUE);
            return predictions.withFile(wanted, file);
        } catch (ArtifactException e) {
            switch (e.kind()) {
                case NotFound, AccessDenied, TooLarge, Unsupported, CredentialsMissing ->
                    throw new UnreadableException("there are no labels: " + e.getMessage(), e);
                case Unavailable, Local -> throw StepFailure.ofSource(e);
            }
            throw StepFailure.ofSource(e);
        } catch (UnreadableException e) {
            throw new UnreadableException("%s: %s: %s".formatted(Reasons.LABELS_MALFORMED, uri, e.getMessage()), e);
        }
    }

    private static String nameOf(ArtifactUri uri) {
        var address = uri.toString();
        return address.substring(address.lastIndexOf('/') + 1);
    }

    private Judged judge(Performance asked, Joined joined, TableEngine engine) throws SQLException {
        var metric = Metric.of(asked.metric());
        if (metric.isEmpty()) {
            return Judged.without(
                    asked, joined.rows(), Judgement.Error, "unknown metric: expected one of " + Metric.words());
        }
        if (options.task() != null && !options.task().equals(metric.get().task().name())) {
            return Judged.without(
                    asked,
                    joined.rows(),
                    Judgement.Error,
                    "it is a metric of %s, and the model's task is %s"
                            .formatted(metric.get().task(), options.task()));
        }
        var least = asked.minSamples() == null ? MIN_SAMPLES : asked.minSamples();
        if (joined.rows() < least) {
            return Judged.without(
                    asked,
                    joined.rows(),
                    Judgement.InsufficientData,
                    "%d predictions with a label, expected %d or more".formatted(joined.rows(), least));
        }
        var measured = new LiveMetrics(engine, joined, options.classes()).measure(metric.get());
        return measured.figure().isNumber()
                ? judge(asked, metric.get(), measured.figure().value(), joined, measured.note())
                : Judged.without(
                        asked, joined.rows(), Judgement.Error, measured.figure().why());
    }

    private static Judged judge(Performance asked, Metric metric, double value, Joined joined, String note) {
        var words =
                "%s %s of %d predictions with a label".formatted(asked.metric(), Words.number(value), joined.rows());
        var judgement = Judgement.Good;
        if (asked.min() != null && value < asked.min()) {
            judgement = Judgement.Breached;
            words += ", expected at least " + Words.number(asked.min());
        } else if (asked.max() != null && value > asked.max()) {
            judgement = Judgement.Breached;
            words += ", expected at most " + Words.number(asked.max());
        } else if (asked.warn() != null && isWorse(asked, metric, value)) {
            judgement = Judgement.Warning;
            words += ", a warning is at " + Words.number(asked.warn());
        }
        var damaged = joined.damaged().isEmpty()
                ? null
                : joined.damaged().size() + " files can't be read: "
                        + joined.damaged().getFirst();
        var notes = Stream.of(note, damaged).filter(Objects::nonNull).collect(Collectors.joining("; "));
        return new Judged(
                new DriftEvaluated.Performance(
                        asked.metric(),
                        value,
                        joined.rows(),
                        judgement == Judgement.Breached,
                        notes.isEmpty() ? null : notes),
                judgement,
                words);
    }

    /** Beyond the warning, which lies before the only bound there is, else on the side of the metric's bad values. */
    private static boolean isWorse(Performance asked, Metric metric, double value) {
        var below = (asked.min() != null && asked.max() != null) ? metric.moreIsBetter() : asked.min() != null;
        return below ? value < asked.warn() : value > asked.warn();
    }

    private static Found found(List<Judged> judged) {
        // What is bad is said first; what can't be judged isn't good.
        var worst = judged.stream()
                .map(Judged::judgement)
                .max(Comparator.comparingInt(PerformanceJudge::weight))
                .orElse(Judgement.InsufficientData);
        var reasons = judged.stream()
                .filter(one -> one.judgement == worst)
                .map(Judged::reason)
                .toList();
        return new Found(
                new Verdict(Breach.Performance, worst, String.join("; ", reasons)),
                judged.stream().map(Judged::metric).toList());
    }

    private static int weight(Judgement judgement) {
        return switch (judgement) {
            case Good -> 0;
            case InsufficientData -> 1;
            case Warning -> 2;
            case Error -> 3;
            case Breached -> 4;
        };
    }
}
