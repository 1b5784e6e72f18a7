package dev.tatara.steps.evaluate;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Digested;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.Evaluated.Artifact;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.TrainingParts;
import dev.tatara.steps.evaluate.Examination.Examined;
import dev.tatara.steps.training.TrainingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges a model on test data, decides by gates whether it is good enough, and writes what it found, the baseline profile
 * and the model card. What is written stays where gates don't hold.
 */
final class Evaluator implements Step<Evaluated> {
    static final String NAME = "evaluate";

    private static final String METRICS = "metrics.json";
    private static final String PROFILE = "profile.json";
    private static final String CARD = "card.html";

    private final EvaluateOptions options;

    Evaluator(EvaluateOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<Evaluated> detailsType() {
        return Evaluated.class;
    }

    /**
     * The files that are looked at.
     *
     * @param model the candidate
     * @param production null without one
     * @param staging null without one
     */
    record Inputs(Path model, Digested modelDigest, Path test, Digested testDigest, Path production, Path staging) {}

    @Override
    public StepResult<Evaluated> run(StepContext context) throws StepFailure, IOException {
        var job = Definition.read(options.job(), "TrainingJob", TrainingParts.class);
        var wanted = Wanted.of(job.spec().evaluation());
        var output = context.address("--output", options.output());
        var workspace = context.workspace();
        var model = workspace.resolve("model.onnx");
        var modelDigest = fetch("--model", options.model(), model, context);
        var test = workspace.resolve("test.parquet");
        var testDigest = fetch("--test", options.test(), test, context);
        var production = fetchOptional(
                "--production-model", options.production(), workspace.resolve("production.onnx"), context);
        var staging = fetchOptional("--staging-model", options.staging(), workspace.resolve("staging.onnx"), context);
        var progress = progress(workspace.resolve("progress.jsonl"), context);
        context.lastWords()
                .leave(
                        Reasons.RUNTIME_CRASHED,
                        "the process died while ONNX Runtime had the model: it ran out of memory or the model crashes"
                                + " the runtime; give the evaluation more memory, or try it by hand with"
                                + " tatara-steps evaluate");
        var files = new Inputs(model, modelDigest, test, testDigest, production, staging);
        var spill = Files.createDirectories(workspace.resolve("spill"));
        Examined examined;
        try (var rows = TestRows.open(test, spill)) {
            examined = new Examination(job, wanted, options, files, rows, context.progress()).run();
        }
        return result(
                write(examined, progress, output, context), examined.report().gates());
    }

    private static Path fetchOptional(String option, String uri, Path file, StepContext context) throws StepFailure {
        if (uri == null) {
            return null;
        }
        fetch(option, uri, file, context);
        return file;
    }

    /** How the training went on. It adorns the card: that it isn't there, or can't be read, is no failure. */
    private Optional<TrainingProgress> progress(Path file, StepContext context) throws StepFailure, IOException {
        if (options.trainingProgress() == null) {
            return Optional.empty();
        }
        var source = context.address("--training-progress", options.trainingProgress());
        try {
            context.store().download(source, file, TrainingProgress.MOST_BYTES);
            return Optional.of(TrainingProgress.read(file));
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound || e.kind() == Kind.TooLarge) {
                context.progress().say("the card shows no training curve: %s", e.getMessage());
                return Optional.empty();
            }
            throw StepFailure.ofSource(e);
        }
    }

    private static Digested fetch(String option, String uri, Path file, StepContext context) throws StepFailure {
        var source = context.address(option, uri);
        try {
            context.progress().say("fetching %s", source);
            return context.store().download(source, file, Long.MAX_VALUE);
        } catch (ArtifactException e) {
            throw StepFailure.ofSource(e);
        }
    }

    private Evaluated write(
            Examined examined, Optional<TrainingProgress> progress, ArtifactUri output, StepContext context)
            throws StepFailure {
        var report = examined.report();
        var profileUri = options.baselineOut() == null
                ? output.resolve(PROFILE)
                : context.address("--baseline-out", options.baselineOut());
        var metrics = put(output.resolve(METRICS), report.json(), context);
        var profile = put(profileUri, Report.json(examined.profile()), context);
        var card = put(output.resolve(CARD), new Card(report, progress).html(), context);
        Map<String, Double> numbers = new LinkedHashMap<>();
        Map<String, String> undefined = new LinkedHashMap<>();
        report.measured().metrics().forEach((name, figure) -> {
            if (figure.isNumber()) {
                numbers.put(name, figure.value());
            } else {
                undefined.put(name, figure.why());
            }
        });
        return new Evaluated(
                report.task(),
                report.rows(),
                report.modelSha256(),
                report.testSha256(),
                numbers,
                undefined,
                report.gates(),
                (int) report.gates().stream().filter(gate -> !gate.holds()).count(),
                report.inputs(),
                examined.classes(),
                metrics,
                profile,
                card,
                false);
    }

    private static Artifact put(ArtifactUri uri, byte[] bytes, StepContext context) throws StepFailure {
        try {
            var digested = context.store().put(uri, bytes);
            context.progress().say("wrote %s", uri);
            return new Artifact(uri.external(), digested.sha256());
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    private static StepResult<Evaluated> result(Evaluated evaluated, List<GateVerdict> gates) {
        var failed = gates.stream().filter(gate -> !gate.holds()).toList();
        if (failed.isEmpty()) {
            var metrics = evaluated.metrics().entrySet().stream()
                    .limit(3)
                    .map(entry -> entry.getKey() + " " + GateJudge.shown(entry.getValue()))
                    .collect(Collectors.joining(", "));
            var hold = gates.isEmpty() ? "no gates" : gates.size() == 1 ? "its gate holds" : "all gates hold";
            return StepResult.succeeded(
                    NAME, "%s on %d rows; %s".formatted(metrics, evaluated.rows(), hold), evaluated);
        }
        var words = failed.stream()
                .limit(5)
                .map(gate -> gate.gate() + ": " + gate.reason())
                .collect(Collectors.joining("; "));
        return StepResult.rejected(
                NAME,
                Reasons.GATES_FAILED,
                "%d of %d gates don't hold: %s%s"
                        .formatted(failed.size(), gates.size(), words, failed.size() > 5 ? "; …" : ""),
                evaluated);
    }

    @Override
    public boolean stillHolds(StepResult<Evaluated> earlier, StepContext context) throws StepFailure {
        try {
            var details = earlier.details();
            for (var artifact : List.of(details.metricsFile(), details.profile(), details.card())) {
                if (!context.store().exists(ArtifactUri.parse(artifact.uri()))) {
                    return false;
                }
            }
            return true;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public Optional<Evaluated> shorter(Evaluated details) {
        return details.shorter();
    }
}
