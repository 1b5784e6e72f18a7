package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.FollowedStage;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.contracts.Evaluated.Input;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.statistics.metrics.Averaging;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.TrainingParts;
import dev.tatara.steps.evaluate.Measured.Compared;
import dev.tatara.steps.evaluate.Measured.Slice;
import dev.tatara.steps.inspect.RuntimeWords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** One examination of one model: what is loaded, asked, measured and judged, without where it comes from and goes. */
final class Examination {
    private static final int MOST_CLASSES = 1000;

    private final Definition<TrainingParts> job;
    private final Wanted wanted;
    private final EvaluateOptions options;
    private final Evaluator.Inputs files;
    private final TestRows rows;
    private final Progress progress;

    Examination(
            Definition<TrainingParts> job,
            Wanted wanted,
            EvaluateOptions options,
            Evaluator.Inputs files,
            TestRows rows,
            Progress progress) {
        this.job = job;
        this.wanted = wanted;
        this.options = options;
        this.files = files;
        this.rows = rows;
        this.progress = progress;
    }

    /**
     * What was found.
     *
     * @param profile the baseline, as a document
     * @param classes in the order of the model's probabilities
     */
    record Examined(Report report, Map<String, Object> profile, List<String> classes) {}

    Examined run() throws StepFailure {
        var label = label();
        var withoutLabel = rows.leaveOutWithout(label);
        if (rows.rows() == 0) {
            throw StepFailure.rejected(
                    Reasons.NO_ROWS,
                    "no row of the test data has a label in column %s (%d rows without): correct spec.dataset.labelColumn, or the share of spec.dataset.split.test"
                            .formatted(label.name(), withoutLabel));
        }
        progress.say("%d rows with a label in column %s, %d without", rows.rows(), label.name(), withoutLabel);
        try (var runtime = OnnxRuntime.open()) {
            var onnx = load(runtime, files.model(), "the model");
            var task = task(onnx, label);
            var labels = labels(task, label);
            var candidates = new Candidates(rows, job.spec().dataset(), label.name(), options.notFeatures());
            var opened = new ArrayList<Contender>();
            try {
                var candidate = contender(onnx, task, label, labels, candidates.attempts(options.features()));
                opened.add(candidate);
                Map<FollowedStage, Contender> others = new EnumMap<>(FollowedStage.class);
                Map<FollowedStage, String> incomparable = new EnumMap<>(FollowedStage.class);
                for (var stage : FollowedStage.values()) {
                    other(runtime, stage, task, label, labels, candidates, incomparable)
                            .ifPresent(found -> {
                                opened.add(found);
                                others.put(stage, found);
                            });
                }
                return examine(onnx, task, label, withoutLabel, candidate, others, incomparable);
            } finally {
                opened.forEach(contender -> contender.runner().close());
            }
        }
    }

    private TestColumn label() throws StepFailure {
        var dataset = job.spec().dataset();
        if (dataset == null) {
            throw StepFailure.rejected(Reasons.INVALID_DEFINITION, options.job() + ": spec.dataset is missing");
        }
        var name = dataset.entities() == null
                ? dataset.labelColumn()
                : dataset.entities().labelColumn();
        if (name == null) {
            throw StepFailure.rejected(Reasons.INVALID_DEFINITION, options.job() + ": labelColumn is missing");
        }
        return rows.column(name)
                .filter(column -> column.kind() != TestColumn.Kind.OTHER)
                .orElseThrow(() -> StepFailure.rejected(
                        Reasons.LABEL_MISMATCH,
                        "the label column %s %s: correct labelColumn in spec.dataset"
                                .formatted(
                                        name,
                                        rows.column(name)
                                                .map(column -> "is " + column.type() + ", no number and no text")
                                                .orElseGet(
                                                        () -> "isn't in the test data, which has " + rows.names()))));
    }

    private static OnnxModel load(OnnxRuntime runtime, Path file, String what) throws StepFailure {
        try {
            return runtime.load(file, SessionSettings.singleThread());
        } catch (OnnxException e) {
            throw StepFailure.rejected(
                    Reasons.UNSUPPORTED_MODEL,
                    "%s can't be loaded by ONNX Runtime %s; export it to ONNX again. The runtime says: %s"
                            .formatted(what, runtime.version(), RuntimeWords.of(e)));
        }
    }

    private Task task(OnnxModel onnx, TestColumn label) throws StepFailure {
        var asked = wanted.task();
        if (asked != null) {
            return asked;
        }
        var looks = AnswerReader.taskOf(onnx.outputs());
        if (looks != Task.Other) {
            return looks;
        }
        return label.isText() || label.kind() == TestColumn.Kind.TRUTH ? Task.Classification : Task.Regression;
    }

    private Set<String> labels(Task task, TestColumn label) throws StepFailure {
        if (task == Task.Regression) {
            if (!label.isNumeric()) {
                throw StepFailure.rejected(
                        Reasons.LABEL_MISMATCH,
                        "the label column %s is %s, and a model of numbers is judged by numbers: correct labelColumn, or ask for metrics of classification (accuracy, f1, …)"
                                .formatted(label.name(), label.type()));
            }
            return Set.of();
        }
        var labels = rows.distinct(label, MOST_CLASSES + 1);
        if (labels.size() > MOST_CLASSES) {
            throw StepFailure.rejected(
                    Reasons.LABEL_MISMATCH,
                    "the label column %s has more than %d different values, such as %s, and the model answers classes: correct labelColumn, or ask for metrics of regression (mae, rmse, r2)"
                            .formatted(label.name(), MOST_CLASSES, labels.getFirst()));
        }
        return new HashSet<>(labels);
    }

    private Contender contender(
            OnnxModel onnx, Task task, TestColumn label, Set<String> labels, List<List<TestColumn>> attempts)
            throws StepFailure {
        try {
            var columns = InputColumns.of(onnx.inputs(), attempts);
            var reader = AnswerReader.of(onnx.outputs(), task);
            var names = new ClassNames(
                    labels, label.kind() == TestColumn.Kind.TRUTH, options.classes(), reader.labelType());
            Supplier<Judged> fresh = task == Task.Regression
                    ? JudgedNumbers::new
                    : () -> new JudgedClasses(names, wanted.averaging(), wanted.positiveClass());
            return new Contender(new ModelRunner(onnx, columns, reader), reader, task, fresh);
        } catch (StepFailure e) {
            onnx.close();
            throw e;
        }
    }

    /** The version in a stage; where it can't be run on these rows, that is no fault of the candidate. */
    private java.util.Optional<Contender> other(
            OnnxRuntime runtime,
            FollowedStage stage,
            Task task,
            TestColumn label,
            Set<String> labels,
            Candidates candidates,
            Map<FollowedStage, String> incomparable) {
        var file = stage == FollowedStage.Production ? files.production() : files.staging();
        var features = stage == FollowedStage.Production ? options.productionFeatures() : options.stagingFeatures();
        if (file == null) {
            return java.util.Optional.empty();
        }
        try {
            var onnx = load(runtime, file, "the version in " + stage);
            return java.util.Optional.of(contender(onnx, task, label, labels, candidates.attempts(features)));
        } catch (StepFailure e) {
            progress.say("the version in %s can't be compared: %s", stage, e.getMessage());
            incomparable.put(stage, "it can't be run on these rows: " + e.getMessage());
            return java.util.Optional.empty();
        }
    }

    private Examined examine(
            OnnxModel onnx,
            Task task,
            TestColumn label,
            long withoutLabel,
            Contender candidate,
            Map<FollowedStage, Contender> others,
            Map<FollowedStage, String> incomparable)
            throws StepFailure {
        var slicedBy = new ArrayList<TestColumn>();
        for (var name : wanted.slices()) {
            slicedBy.add(rows.column(name)
                    .orElseThrow(() -> StepFailure.rejected(
                            Reasons.INVALID_DEFINITION,
                            "spec.evaluation: slice %s isn't a column of the test data, which has %s"
                                    .formatted(name, rows.names()))));
        }
        var profile = new Profile(onnx.inputs(), candidate.runner().columns(), candidate.reader(), options.classes());
        var pass = new Pass(rows, label, candidate, List.copyOf(others.values()), slicedBy);
        pass.run(profile);
        checkLabels(candidate.judged(), label);
        var measured = measure(task, label, candidate, others, incomparable, pass);
        var gates = new GateJudge(measured).judge(wanted.gates());
        gates.forEach(gate -> progress.say("%s  %s%s", gate.holds() ? "holds " : "FAILS ", gate.gate(), said(gate)));
        var inputs = IntStream.range(0, onnx.inputs().size())
                .mapToObj(i -> new Input(
                        onnx.inputs().get(i).name(),
                        candidate.runner().columns().inputs().get(i).stream()
                                .map(TestColumn::name)
                                .toList()))
                .toList();
        var report = report(task, withoutLabel, candidate.judged(), measured, gates, inputs);
        var about = new LinkedHashMap<String, Object>();
        about.put("namespace", job.namespace());
        about.put("trainingJob", job.name());
        about.put("model", job.spec().model());
        about.put("modelSha256", files.modelDigest().sha256());
        about.put("testSha256", files.testDigest().sha256());
        about.put("task", task.name());
        var classes = candidate.judged() instanceof JudgedClasses judged ? judged.scored() : List.<String>of();
        about.put("classes", classes);
        var pane = profile.pane(job.namespace(), job.spec().model());
        return new Examined(report, profile.document(about, inputs, pane), classes);
    }

    private static String said(GateVerdict gate) {
        return gate.reason() == null
                ? gate.value() == null ? "" : ": " + GateJudge.shown(gate.value())
                : ": " + gate.reason();
    }

    /** That data and model speak of the same classes at all. */
    private static void checkLabels(Judged judged, TestColumn label) throws StepFailure {
        if (!(judged instanceof JudgedClasses classes)) {
            return;
        }
        var matrix = classes.matrix(Judged.ALL);
        var answered = matrix.classes().stream()
                .filter(name -> matrix.answered(name) > 0)
                .toList();
        var labelled = matrix.classes().stream()
                .filter(name -> matrix.labelled(name) > 0)
                .toList();
        if (answered.stream().noneMatch(labelled::contains)
                && answered.stream().noneMatch(classes.scored()::contains)) {
            throw StepFailure.rejected(
                    Reasons.LABEL_MISMATCH,
                    "the model answers %s, the label column %s holds %s: correct labelColumn, train on the labels that the data has, or name the classes in the model's order with --classes"
                            .formatted(some(answered), label.name(), some(labelled)));
        }
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(names.size(), 10))) + (names.size() > 10 ? ", …" : "");
    }

    private Measured measure(
            Task task,
            TestColumn label,
            Contender candidate,
            Map<FollowedStage, Contender> others,
            Map<FollowedStage, String> incomparable,
            Pass pass)
            throws StepFailure {
        var metrics = wanted.metricsFor(task);
        var figures = figures(candidate.judged(), metrics, Judged.ALL);
        progress.say("judged: %s", shown(figures));
        var sensitivity = new Sensitivity(candidate.runner(), pass.sample(), candidate.judged());
        var stability = sensitivity.stability(deviations(candidate.runner(), pass.sample()), wanted.noises());
        figures.put(Wanted.STABILITY, stability.get(Wanted.NOISE));
        var importance = sensitivity.importance(
                task == Task.Regression ? Metric.RMSE : Metric.ACCURACY, pass.labelPosition(), candidate.fresh());
        figures.putAll(Latency.of(candidate.runner(), pass.sample()));
        Map<FollowedStage, Compared> compared = new EnumMap<>(FollowedStage.class);
        others.forEach((stage, other) -> compared.put(
                stage,
                new Compared(
                        figures(other.judged(), metrics, Judged.ALL),
                        slices(other.judged(), metrics, pass),
                        Comparison.of(candidate.judged(), other.judged(), pass.agreement(other)))));
        incomparable.forEach((stage, why) -> {
            Map<String, Figure> none = new LinkedHashMap<>();
            metrics.forEach(metric -> none.put(metric.word(), Figure.none(why)));
            compared.put(stage, new Compared(none, Map.of(), null));
        });
        return new Measured(
                figures,
                stability,
                slices(candidate.judged(), metrics, pass),
                compared,
                new Leakage(rows, task, label).of(candidate.runner().columns().all()),
                candidate.judged() instanceof JudgedClasses classes
                        ? Figure.of(classes.matrix(Judged.ALL).rateDeviation(), "there are no rows")
                        : Figure.none("the model answers numbers, which have no classes"),
                importance);
    }

    private static Map<String, Figure> figures(Judged judged, Collection<Metric> metrics, IntPredicate some) {
        Map<String, Figure> figures = new LinkedHashMap<>();
        metrics.forEach(metric -> figures.put(metric.word(), judged.figure(metric, some)));
        return figures;
    }

    private static Map<String, Map<String, Slice>> slices(Judged judged, Collection<Metric> metrics, Pass pass) {
        Map<String, Map<String, Slice>> slices = new LinkedHashMap<>();
        pass.slices()
                .forEach((column, codes) -> slices.put(
                        column, codes.forEach((size, some) -> new Slice(size, figures(judged, metrics, some)))));
        return slices;
    }

    /** Standard deviations of the features that take noise, by column of the sample; 0 for all others. */
    private double[] deviations(ModelRunner runner, Batch sample) throws StepFailure {
        var noisy = runner.noisy();
        var deviations = new double[sample.columns()];
        for (var column : noisy) {
            deviations[sample.position(column.name())] = rows.deviation(column);
        }
        return deviations;
    }

    private Report report(
            Task task,
            long withoutLabel,
            Judged judged,
            Measured measured,
            List<GateVerdict> gates,
            List<Input> inputs) {
        var classes = judged instanceof JudgedClasses of ? of : null;
        return new Report(
                Report.SCHEMA,
                job.namespace(),
                job.name(),
                job.spec().model(),
                task.name(),
                rows.rows(),
                withoutLabel,
                files.modelDigest().sha256(),
                files.testDigest().sha256(),
                inputs,
                classes == null ? null : classes.averaging().name(),
                classes != null && classes.averaging() == Averaging.Binary ? classes.positive() : null,
                measured,
                gates,
                classes == null ? null : Report.confusion(classes),
                classes == null ? null : Report.roc(classes),
                judged instanceof JudgedNumbers numbers ? Report.answers(numbers) : null);
    }

    private static String shown(Map<String, Figure> figures) {
        var words = new ArrayList<String>();
        figures.forEach((name, figure) ->
                words.add(name + " " + (figure.isNumber() ? GateJudge.shown(figure.value()) : "undefined")));
        return String.join(", ", words);
    }
}
