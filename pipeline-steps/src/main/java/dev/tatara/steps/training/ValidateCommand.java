package dev.tatara.steps.training;

import dev.tatara.steps.Progress;
import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.SourceSecretOptions;
import dev.tatara.steps.options.StoreOptions;
import dev.tatara.steps.tracking.TrackCommand;
import dev.tatara.steps.tracking.Tracking;
import dev.tatara.steps.training.RunBeginning.Begun;
import dev.tatara.steps.training.Validator.ValidateOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link Validator}. */
@Command(
        name = Validator.NAME,
        description = {
            "Looks at the rows that a TrainingJob names: whether something can be learned of the label, whether times"
                    + " and keys are what they should be, whether the checks of dataset.validation hold. Writes"
                    + " validation.html.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:A model can be trained on them.",
            "2:Rejected: rows or definition are at fault (or a check that blocks failed).",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps validate --job training.yaml --entities file:///tmp/labels.csv \\",
            "    --store file:///tmp/store --output runs/ml/churn/1/validate"
        })
public final class ValidateCommand implements Callable<Integer> {
    private static final Duration MLFLOW_PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--job",
            required = true,
            paramLabel = "FILE",
            description = "The TrainingJob, as kubectl takes it: rows, label, window and checks are in it.")
    private Path job;

    @Option(
            names = "--entities",
            paramLabel = "URI",
            description = "The rows: a Parquet, CSV or JSON file at s3://, https:// or file://. Default: what the"
                    + " TrainingJob says.")
    private String entities;

    @Option(
            names = "--view",
            paramLabel = "FILE",
            description = "Definition of a FeatureView that the TrainingJob joins. With them its keys are looked at,"
                    + " too, and are what DuplicateRatio means without a column. Repeatable: all or none.")
    private List<String> views = List.of();

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FOLDER",
            description = "Where validation.html is written, below the store or as a URI.")
    private String output;

    @Option(
            names = "--end",
            paramLabel = "TIME",
            description = "Only rows of this time (2026-01-31T12:00:00Z) and before. Default: the newest row's.")
    private Instant end;

    @Option(
            names = "--mlflow-credentials",
            paramLabel = "FOLDER",
            description =
                    "Mounted Secret of the MLflow server that spec.tracking names: token, or username and password,"
                            + " and ca.crt. Default: /tatara/secrets/mlflow where it exists.")
    private Path mlflowCredentials;

    @Mixin
    private SourceSecretOptions source;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Mixin
    private EngineOptions engine;

    @Override
    public Integer call() {
        var validator = new Validator(
                new ValidateOptions(job, entities, views, output, end, engine.memoryBytes(), engine.threads()),
                source.settings(store.settings()),
                this::begin);
        return new StepRunner<>(validator, store, result).run();
    }

    private Optional<Begun> begin(String run, Progress progress) {
        var secret = Optional.ofNullable(mlflowCredentials)
                .or(() -> Optional.of(TrackCommand.MOUNTED_SECRET).filter(Files::isDirectory));
        return Tracking.begin(job, run, secret, MLFLOW_PATIENCE, progress)
                .map(begun -> new Begun(begun.runId(), begun.experimentId()));
    }
}
