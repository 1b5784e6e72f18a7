package dev.tatara.steps.tracking;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.Published.StoredFile;
import dev.tatara.contracts.Tracked;
import dev.tatara.contracts.Validated;
import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.RegisteredVersion;
import dev.tatara.mlflow.Run;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.tracking.TrialRuns.Output;
import dev.tatara.steps.training.TrainingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Writes one run into MLflow, from its beginning to its registered version. */
final class Recording {
    /** Names of metrics that the trainer itself recorded; written before the first metric of ours. */
    private static final String TRAINER_METRICS_TAG = "tatara.trainer.metrics";

    private static final String TRAINING = "training";
    private static final String EVALUATION = "evaluation";
    private static final int MOST_PARAMS = 1000;
    private static final long MAX_FILE_BYTES = 64L << 20;
    private static final long MAX_MODEL_BYTES = 1L << 30;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MlflowClient client;
    private final Definition<TrackedParts> job;
    private final TrackOptions options;
    private final ArtifactUri folder;
    private final StepContext context;
    private final LeftOut leftOut;
    private final Instant endedAt;

    Recording(
            MlflowClient client,
            Definition<TrackedParts> job,
            TrackOptions options,
            ArtifactUri folder,
            StepContext context,
            LeftOut leftOut) {
        this.client = client;
        this.job = job;
        this.options = options;
        this.folder = folder;
        this.context = context;
        this.leftOut = leftOut;
        this.endedAt = Objects.requireNonNullElseGet(options.endedAt(), Instant::now);
    }

    Tracked record(RunResults found, List<Trial> trials) throws MlflowException, StepFailure, IOException {
        var run = findOrBegin(found);
        var ranked = Trial.ranked(trials, job.spec().sweep());
        var best = Trial.best(ranked);
        var results = found.published().isEmpty() && best.isPresent()
                ? found.withPublished(published(best.get().number()))
                : found;
        recordParams(run, best);
        recordMetrics(run, results);
        var description = new RunDescription(job, options, results);
        client.logInputs(run.id(), description.inputs());
        var files = new RunFiles(client, run, context.store(), context.workspace(), leftOut);
        var source = copyFiles(files, run, results);
        var nested = recordTrials(run, ranked);
        client.log(run.id(), Map.of(), List.of(), description.tags(leftOut.words()));
        client.update(run.id(), description.status(), endedAt);
        context.progress().say("run %s is %s", run.id(), description.status());
        return register(run, source, description, nested, files.count());
    }

    private Run findOrBegin(RunResults found) throws MlflowException {
        var id = options.mlflowRun() != null
                ? options.mlflowRun()
                : found.validated().map(Validated::mlflowRunId).orElse(null);
        var startedAt = Objects.requireNonNullElse(options.startedAt(), endedAt);
        var run = new RunFinder(client, job, RunFolder.identity(options.run())).findOrBegin(id, startedAt);
        context.progress().say("recording as run %s of experiment %s", run.id(), run.experimentId());
        return run;
    }

    /** What the trainer recorded stays: MLflow refuses another value for a parameter. */
    private void recordParams(Run run, Optional<Trial> best) throws MlflowException {
        var params = Flattened.of(job.spec().hyperparameters());
        best.ifPresent(trial -> params.putAll(Flattened.of(trial.parameters())));
        params.keySet().removeAll(run.params().keySet());
        if (params.size() > MOST_PARAMS) {
            leftOut.add("%d of %d parameters".formatted(params.size() - MOST_PARAMS, params.size()));
            params.keySet()
                    .retainAll(params.keySet().stream().limit(MOST_PARAMS).toList());
        }
        client.log(run.id(), params, List.of(), Map.of());
    }

    private void recordMetrics(Run run, RunResults results) throws MlflowException, StepFailure, IOException {
        var trainers = metricsOfTrainer(run);
        var curves = new Curves(run.startedAt(), trainers).trainer(progress(results.published()), results.published());
        results.evaluated().ifPresent(curves::evaluation);
        client.log(run.id(), Map.of(), curves.metrics(), Map.of());
        context.progress().say("recorded %d values of metrics", curves.metrics().size());
    }

    /**
     * What was recorded before we did. Once we have begun, nobody can tell whose a metric is any more, so the names are
     * kept with the run.
     */
    private Set<String> metricsOfTrainer(Run run) throws MlflowException {
        try {
            var kept = run.tags().get(TRAINER_METRICS_TAG);
            if (kept != null) {
                return Set.of(JSON.readValue(kept, String[].class));
            }
            var names = new TreeSet<>(run.metrics());
            while (JSON.writeValueAsString(names).length() > Limits.TAG_VALUE) {
                names.pollLast();
            }
            client.log(run.id(), Map.of(), List.of(), Map.of(TRAINER_METRICS_TAG, JSON.writeValueAsString(names)));
            return names;
        } catch (JacksonException e) {
            leftOut.add("metrics of the trainer can't be told from others: the tag %s is no JSON"
                    .formatted(TRAINER_METRICS_TAG));
            return run.metrics();
        }
    }

    private Optional<TrainingProgress> progress(Optional<Published> published) throws StepFailure, IOException {
        var file = published.map(Published::progress);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        var lines = context.workspace().resolve("progress.jsonl");
        try {
            context.store().download(ArtifactUri.parse(file.get().uri()), lines, TrainingProgress.MOST_BYTES);
            return Optional.of(TrainingProgress.read(lines));
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound || e.kind() == Kind.TooLarge) {
                leftOut.add("the training's curve: " + e.getMessage());
                return Optional.empty();
            }
            throw StepFailure.ofStore(e);
        } finally {
            Files.deleteIfExists(lines);
        }
    }

    /** The address of the model for the registry; nothing where there is no model. */
    private Optional<String> copyFiles(RunFiles files, Run run, RunResults results)
            throws MlflowException, StepFailure, IOException {
        var model = results.published().map(Published::model);
        if (!files.areServed()) {
            leftOut.add(
                    "files: this server doesn't take them itself (its runs' files lie at %s); tags say where they are"
                            .formatted(run.artifactUri().replaceFirst("(://[^/]*).*", "$1")));
            return model.map(StoredFile::uri);
        }
        var report = results.validated().map(Validated::report);
        if (report.isPresent()) {
            files.copy(report.get().uri(), "validation", "validation.html", MAX_FILE_BYTES);
        }
        if (results.published().isPresent()) {
            if (context.store().exists(folder.resolve("metrics.json"))) {
                files.copy(folder.resolve("metrics.json").external(), TRAINING, "metrics.json", MAX_FILE_BYTES);
            }
            var progress = results.published().get().progress();
            if (progress != null) {
                files.copy(progress.uri(), TRAINING, "progress.jsonl", MAX_FILE_BYTES);
            }
        }
        if (results.evaluated().isPresent()) {
            copy(files, results.evaluated().get().metricsFile(), "metrics.json");
            copy(files, results.evaluated().get().card(), "card.html");
            copy(files, results.evaluated().get().profile(), "profile.json");
        }
        return model.isEmpty() ? Optional.empty() : Optional.of(copyModel(files, run, model.get()));
    }

    private static void copy(RunFiles files, Evaluated.Artifact artifact, String name)
            throws MlflowException, StepFailure, IOException {
        if (artifact != null) {
            files.copy(artifact.uri(), EVALUATION, name, MAX_FILE_BYTES);
        }
    }

    private static String copyModel(RunFiles files, Run run, StoredFile model)
            throws MlflowException, StepFailure, IOException {
        if (!files.copy(model.uri(), ModelFolder.NAME, ModelFolder.MODEL_FILE, MAX_MODEL_BYTES)) {
            return model.uri();
        }
        files.write(ModelFolder.requirements(), ModelFolder.NAME, ModelFolder.REQUIREMENTS_FILE);
        files.write(ModelFolder.description(run, model), ModelFolder.NAME, ModelFolder.DESCRIPTION_FILE);
        return files.address(ModelFolder.NAME);
    }

    private int recordTrials(Run run, List<Trial> ranked) throws MlflowException, StepFailure {
        if (ranked.isEmpty()) {
            return 0;
        }
        var prefix = options.number() == null ? job.name() : job.name() + "-" + options.number();
        return new TrialRuns(client, run, prefix, job.spec().sweep(), endedAt, this::output, leftOut).record(ranked);
    }

    private Output output(long trial) throws StepFailure {
        var published = published(trial);
        try {
            return new Output(published, progress(published));
        } catch (IOException e) {
            throw StepFailure.ofWorkspace(e);
        }
    }

    private Optional<Published> published(long trial) throws StepFailure {
        return RunResults.read(
                context.store(), folder.resolve("trials/" + trial + "/result.json"), Published.class, leftOut);
    }

    private Tracked register(Run run, Optional<String> source, RunDescription description, int trials, int files)
            throws MlflowException {
        Optional<RegisteredVersion> version = Optional.empty();
        String named = null;
        if (source.isPresent() && options.modelVersion() != null) {
            var registration = new Registration(client, run, job.spec().model(), description.identity(), leftOut);
            version = registration.version(
                    source.get(), "ModelVersion %s/%s".formatted(job.namespace(), options.modelVersion()));
            var alias = alias();
            if (version.isPresent() && alias.isPresent() && registration.name(alias.get(), version.get())) {
                named = alias.get();
            }
            version.ifPresent(
                    registered -> context.progress().say("version %s of %s", registered.version(), registered.model()));
        }
        return new Tracked(
                run.experimentId(),
                run.id(),
                version.map(RegisteredVersion::model).orElse(null),
                version.map(RegisteredVersion::version).orElse(null),
                named,
                trials,
                files,
                leftOut.words());
    }

    /** The stage in small letters; nothing for {@code None}. */
    private Optional<String> alias() {
        var stage = Optional.ofNullable(options.stage())
                .or(() -> Optional.ofNullable(job.spec().register())
                        .map(TrainingJobSpec.Registration::stage)
                        .map(Stage::name))
                .orElse("Staging");
        return Optional.of(stage.toLowerCase(Locale.ROOT)).filter(name -> !name.equals("none"));
    }
}
