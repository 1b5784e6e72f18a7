package dev.tatara.steps.join;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.SourceSecretOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link JoinStep}. */
@Command(
        name = JoinStep.NAME,
        description = {
            "Joins features to entity rows as they were known at each row's time, from the current snapshots of the"
                    + " views, and divides the rows for training, validation and test where a TrainingJob says how.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The rows are in the store.",
            "2:Rejected: entities or definitions are at fault; the same will be rejected again.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps join --entities file:///tmp/labels.csv --view user-activity.yaml \\",
            "    --store file:///tmp/store --output churn"
        })
public final class JoinCommand implements Callable<Integer> {
    @Option(
            names = "--entities",
            paramLabel = "URI",
            description = "Rows with keys, times and labels: a Parquet, CSV or JSON file at s3://, https:// or"
                    + " file://. Default: what the TrainingJob says.")
    private String entities;

    @Option(
            names = "--timestamp-column",
            paramLabel = "NAME",
            description = "Column with the time at which features are looked up; without a time zone it is UTC."
                    + " Default: what the TrainingJob says, else event_timestamp.")
    private String timestampColumn;

    @Option(
            names = "--view",
            paramLabel = "FILE[=f1,f2]",
            description = "Definition of a FeatureView to join, with the features wanted if not all. Repeatable.")
    private List<String> views = List.of();

    @Option(
            names = "--job",
            paramLabel = "FILE",
            description = "Definition of a TrainingJob whose dataset this is: where the rows lie, which views and"
                    + " features are joined, and how the rows are divided.")
    private Path job;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FOLDER",
            description = "Where the files are written, below the store or as a URI: dataset.parquet, or with --job"
                    + " train.parquet, validation.parquet and test.parquet.")
    private String output;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Only rows of so long before --end. Default: what the TrainingJob says, else all.")
    private Duration window;

    @Option(
            names = "--end",
            paramLabel = "TIME",
            description = "Only rows of this time (2026-01-31T12:00:00Z) and before. Default: the newest row's.")
    private Instant end;

    @Option(
            names = "--no-defaults",
            description = "Leave missing features absent. Default: as in serving, a feature's defaultValue stands in"
                    + " their place.")
    private boolean noDefaults;

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
        var request = new JoinRequest(
                entities,
                timestampColumn,
                views.stream().map(ViewDefinition.Wanted::parse).toList(),
                job,
                output,
                window,
                end,
                !noDefaults);
        var step = new JoinStep(request, source.settings(store.settings()), engine.memoryBytes(), engine.threads());
        return new StepRunner<>(step, store, result).run();
    }
}
