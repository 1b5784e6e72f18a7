package dev.tatara.steps.training;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.Published.Artifacts;
import dev.tatara.contracts.Published.StoredFile;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Progress;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.options.ByteSize;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;

/**
 * Publishes what a trainer left behind: every file is written, then read back and compared, and the result is written
 * last. So nobody can find half a model, and a run that is repeated ends the same wherever it was killed before.
 *
 * <p>Output that is rejected is kept as far as it is of use, for whoever wants to know why.
 */
final class Publisher implements Step<Published> {
    static final String NAME = "publish";

    private static final String ARTIFACTS_FOLDER = TrainerOutput.ARTIFACTS + "/";
    private static final String HYPERPARAMETERS = "hyperparameters.json";

    private final PublishOptions options;

    Publisher(PublishOptions options) {
        this.options = options;
    }

    /**
     * What the command line says.
     *
     * @param from the trainer's output folder
     * @param output folder to write to, below the store or as a URI
     * @param hyperparameters file with what the trainer was given, kept beside its output; null: none
     * @param objective metric that is never left out of a result before others; null: none
     * @param recall whether nothing is published that wasn't published before
     * @param maxModelBytes longest model
     * @param maxArtifacts most other files
     * @param maxArtifactBytes most bytes of them together
     */
    record PublishOptions(
            Path from,
            String output,
            Path hyperparameters,
            String objective,
            boolean recall,
            long maxModelBytes,
            int maxArtifacts,
            long maxArtifactBytes) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<Published> detailsType() {
        return Published.class;
    }

    @Override
    public StepResult<Published> run(StepContext context) throws StepFailure, IOException {
        if (options.recall()) {
            throw StepFailure.failed(
                    "NothingPublished",
                    "no earlier attempt left a result that stands, so there is nothing to recall",
                    null);
        }
        return run(folder(context), context.workspace(), context.progress());
    }

    StepResult<Published> run(StoreFolder run, Path workspace, Progress progress) throws StepFailure, IOException {
        var output = TrainerOutput.in(options.from());
        var model = model(output);
        var metrics = metrics(output);
        var files = ArtifactFiles.of(output.artifacts(), options.maxArtifacts(), options.maxArtifactBytes());
        sayOthers(output, progress);

        var storedModel = storeOrRemove(run, TrainerOutput.MODEL, model.file(), progress);
        storeOrRemove(run, HYPERPARAMETERS, given(), progress);
        storeOrRemove(run, TrainerOutput.METRICS, output.file(TrainerOutput.METRICS), progress);
        var storedProgress = storeOrRemove(run, TrainerOutput.PROGRESS, lines(output, workspace, progress), progress);
        storeArtifacts(run, files, progress);

        var published = new Published(
                storedModel.orElse(null),
                metrics.metrics().numbers(),
                metrics.metrics().dropped(),
                new Artifacts(
                        run.address(TrainerOutput.ARTIFACTS), files.kept().size(), files.bytes(), files.leftOut()),
                storedProgress.orElse(null),
                false);
        var refusal = model.refusal().or(metrics::refusal);
        if (refusal.isPresent()) {
            return StepResult.rejected(
                    NAME, refusal.get().reason(), refusal.get().getMessage() + kept(published), published);
        }
        return StepResult.succeeded(NAME, message(published, files), published);
    }

    private Optional<Path> given() throws IOException {
        var file = Optional.ofNullable(options.hyperparameters()).filter(Files::isRegularFile);
        return file.isPresent() && Files.size(file.get()) <= Hyperparameters.MOST_BYTES ? file : Optional.empty();
    }

    private record Model(Optional<Path> file, Optional<StepFailure> refusal) {}

    private Model model(TrainerOutput output) throws StepFailure, IOException {
        try {
            return new Model(Optional.of(output.model(options.maxModelBytes())), Optional.empty());
        } catch (StepFailure e) {
            return new Model(Optional.empty(), Optional.of(rejected(e)));
        }
    }

    private record Metrics(TrainerMetrics metrics, Optional<StepFailure> refusal) {}

    private Metrics metrics(TrainerOutput output) throws StepFailure, IOException {
        var file = output.file(TrainerOutput.METRICS);
        if (file.isEmpty()) {
            return new Metrics(TrainerMetrics.NONE, Optional.empty());
        }
        try {
            if (Files.size(file.get()) > TrainerMetrics.MOST_BYTES) {
                throw TrainerMetrics.malformed("found " + ByteSize.show(Files.size(file.get())));
            }
            return new Metrics(
                    TrainerMetrics.parse(Files.readAllBytes(file.get()), options.objective()), Optional.empty());
        } catch (StepFailure e) {
            return new Metrics(TrainerMetrics.NONE, Optional.of(rejected(e)));
        }
    }

    private static StepFailure rejected(StepFailure e) throws StepFailure {
        if (e.outcome() != Outcome.Rejected) {
            throw e;
        }
        return e;
    }

    /** The trainer's lines; of very many the last ones. */
    private static Optional<Path> lines(TrainerOutput output, Path workspace, Progress progress) throws IOException {
        var file = output.file(TrainerOutput.PROGRESS);
        if (file.isEmpty() || Files.size(file.get()) == 0) {
            return Optional.empty();
        }
        var size = Files.size(file.get());
        if (size <= TrainingProgress.MOST_BYTES) {
            return file;
        }
        progress.say(
                "%s has %s: its last %s are kept",
                TrainerOutput.PROGRESS, ByteSize.show(size), ByteSize.show(TrainingProgress.MOST_BYTES));
        var end = workspace.resolve(TrainerOutput.PROGRESS);
        try (var in = new BufferedInputStream(Files.newInputStream(file.get()))) {
            in.skipNBytes(size - TrainingProgress.MOST_BYTES);
            for (int read = 0; read != '\n' && read >= 0; read = in.read()) {
                // The first line is half a line.
            }
            Files.copy(in, end);
        }
        return Files.size(end) == 0 ? Optional.empty() : Optional.of(end);
    }

    private static void sayOthers(TrainerOutput output, Progress progress) throws IOException {
        var others = output.others();
        if (!others.isEmpty()) {
            progress.say(
                    "not kept: %s; what is worth keeping belongs into the folder %s",
                    String.join(", ", others.subList(0, Math.min(5, others.size()))) + (others.size() > 5 ? ", …" : ""),
                    TrainerOutput.ARTIFACTS);
        }
    }

    private Optional<StoredFile> storeOrRemove(StoreFolder run, String name, Optional<Path> file, Progress progress)
            throws StepFailure {
        if (file.isEmpty()) {
            if (isBelowStore()) {
                // What an attempt before this one left, of a trainer that wrote more.
                run.delete(name);
            }
            return Optional.empty();
        }
        var stored = store(run, name, file.get());
        progress.say("%s, %s, at %s", name, ByteSize.show(stored.sizeBytes()), run.address(name));
        return Optional.of(stored);
    }

    private static StoredFile store(StoreFolder run, String name, Path file) throws StepFailure {
        var written = run.put(name, file);
        var found = run.digest(name);
        if (!found.equals(written)) {
            throw StepFailure.failed(
                    Reasons.STORE_DAMAGED,
                    "expected sha256 %s at %s, which was just written, found %s: does somebody else write there?"
                            .formatted(written.sha256(), run.address(name), found.sha256()),
                    null);
        }
        return new StoredFile(run.address(name), written.sha256(), written.sizeBytes());
    }

    private void storeArtifacts(StoreFolder run, ArtifactFiles files, Progress progress) throws StepFailure {
        var names = new HashSet<String>();
        for (var file : files.kept()) {
            var key = ARTIFACTS_FOLDER + file.name();
            store(run, key, file.file());
            names.add(key);
            if (names.size() % 100 == 0) {
                progress.say("%d of %d files", names.size(), files.kept().size());
            }
        }
        if (isBelowStore()) {
            for (var entry : run.list(ARTIFACTS_FOLDER)) {
                if (!names.contains(entry.key())) {
                    run.delete(entry.key());
                }
            }
        }
        if (!names.isEmpty()) {
            progress.say(
                    "%d other files, %s, at %s",
                    names.size(), ByteSize.show(files.bytes()), run.address(TrainerOutput.ARTIFACTS));
        }
        if (files.leftOut() > 0) {
            progress.say("%d files are left out: %s", files.leftOut(), String.join(", ", files.examples()));
        }
    }

    /** Whether the folder is the run's own. Elsewhere there may be somebody's files, which aren't removed. */
    private boolean isBelowStore() {
        return !options.output().contains("://");
    }

    private StoreFolder folder(StepContext context) throws StepFailure {
        return new ArtifactFolder(context.store(), context.address("--output", options.output()));
    }

    private static String kept(Published published) {
        return published.model() == null
                ? ""
                : ". The model is kept at " + published.model().uri();
    }

    private static String message(Published published, ArtifactFiles files) {
        var text = new StringBuilder("a model of %s, %d metric%s"
                .formatted(
                        ByteSize.show(published.model().sizeBytes()),
                        published.metrics().size(),
                        published.metrics().size() == 1 ? "" : "s"));
        if (!files.kept().isEmpty()) {
            text.append(", %d other files (%s)".formatted(files.kept().size(), ByteSize.show(files.bytes())));
        }
        if (!published.metricsDropped().isEmpty()) {
            var names = published.metricsDropped();
            text.append("; no finite numbers: ")
                    .append(String.join(", ", names.subList(0, Math.min(5, names.size()))))
                    .append(names.size() > 5 ? ", …" : "");
        }
        if (files.leftOut() > 0) {
            text.append("; %d files are left out: %s".formatted(files.leftOut(), String.join(", ", files.examples())));
        }
        return text.toString();
    }

    @Override
    public boolean stillHolds(StepResult<Published> earlier, StepContext context) throws StepFailure {
        var details = earlier.details();
        try {
            for (var file : Arrays.asList(details.model(), details.progress())) {
                if (file != null && !context.store().exists(ArtifactUri.parse(file.uri()))) {
                    return false;
                }
            }
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
        return folder(context).list(TrainerOutput.ARTIFACTS).size()
                >= details.artifacts().count();
    }

    @Override
    public Optional<Published> shorter(Published details) {
        return details.shorter();
    }
}
