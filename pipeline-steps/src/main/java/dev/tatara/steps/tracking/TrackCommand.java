package dev.tatara.steps.tracking;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link TrackStep}. */
@Command(
        name = TrackStep.NAME,
        description = {
            "Records a run that is over in MLflow: parameters, metrics with their curve, tags, the data it read, files,"
                    + " trials as nested runs, and a version of the registered model. What is there already stays; a"
                    + " record that was begun is finished.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The run is recorded; the result says what was left out.",
            "2:Rejected: the TrainingJob doesn't say where to.",
            "3:Failed: MLflow or the store is away or refuses; a later run goes on where this one ended.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps track --job training.yaml --run file:///tmp/run --outcome Registered \\",
            "    --model-version churn-1 --store file:///tmp/store"
        })
public final class TrackCommand implements Callable<Integer> {
    /** Where Jobs have the Secret of the MLflow server mounted. */
    public static final Path MOUNTED_SECRET = Path.of("/tatara/secrets/mlflow");

    @Option(
            names = "--job",
            required = true,
            paramLabel = "FILE",
            description = "The TrainingJob, as kubectl takes it: spec.tracking.mlflow says where to record.")
    private Path job;

    @Option(
            names = "--run",
            required = true,
            paramLabel = "FOLDER",
            description = "The run's folder, a key below the store or a URI: results of its steps lie below it.")
    private String run;

    @Option(names = "--number", paramLabel = "N", description = "The run's number.")
    private Long number;

    @Option(
            names = "--outcome",
            required = true,
            paramLabel = "WORD",
            description = "How the run ended: Registered, GatesFailed (FINISHED in MLflow), Cancelled (KILLED), or"
                    + " another word (FAILED).")
    private String outcome;

    @Option(names = "--message", paramLabel = "TEXT", description = "How the run ended, for people.")
    private String message;

    @Option(
            names = "--model-version",
            paramLabel = "NAME",
            description =
                    "The ModelVersion that the run registered. Default: none, and nothing is registered in MLflow.")
    private String modelVersion;

    @Option(
            names = "--stage",
            paramLabel = "STAGE",
            description = "The stage that it claims, which becomes an alias. Default: what the TrainingJob says, else"
                    + " Staging.")
    private String stage;

    @Option(
            names = "--mlflow-run-id",
            paramLabel = "ID",
            description = "The record that was begun. Default: it is looked for.")
    private String mlflowRun;

    @Option(
            names = "--trials",
            paramLabel = "FILE",
            description = "The trials of a sweep: JSON, gzipped or not. Default: there were none.")
    private Path trials;

    @Option(names = "--started", paramLabel = "TIME", description = "When the run began. Default: unknown.")
    private Instant startedAt;

    @Option(names = "--ended", paramLabel = "TIME", description = "When it ended. Default: now.")
    private Instant endedAt;

    @Option(names = "--trigger", paramLabel = "TEXT", description = "What started it.")
    private String trigger;

    @Option(names = "--tag", paramLabel = "NAME=VALUE", description = "A tag more; repeatable.")
    private Map<String, String> tags;

    @Option(
            names = "--mlflow-credentials",
            paramLabel = "FOLDER",
            description = "Mounted Secret of the server, one file per key: token, or username and password; ca.crt."
                    + " Default: /tatara/secrets/mlflow where it exists.")
    private Path credentials;

    @Option(names = "--mlflow-secret-name", paramLabel = "NAME", description = "How messages call that Secret.")
    private String secretName;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() {
        var step = new TrackStep(new TrackOptions(
                job,
                run,
                number,
                outcome,
                message,
                modelVersion,
                stage,
                mlflowRun,
                trials,
                startedAt,
                endedAt,
                trigger,
                tags,
                credentials == null && Files.isDirectory(MOUNTED_SECRET) ? MOUNTED_SECRET : credentials,
                secretName));
        return new StepRunner<>(step, store, result).run();
    }
}
