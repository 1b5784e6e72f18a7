package dev.tatara.steps.training;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import dev.tatara.steps.training.Fetcher.FetchOptions;
import dev.tatara.steps.training.Fetcher.Format;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@link Fetcher}. */
@Command(
        name = Fetcher.NAME,
        description = {
            "Lays out what a trainer reads: the rows for training and validation, compared with the digests that the"
                    + " join wrote down, and hyperparameters.json and .yaml. Never the rows for the test, which only"
                    + " evaluate sees.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Everything is there.",
            "2:Rejected: the hyperparameters can't be read.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps fetch --dataset runs/ml/churn/1/dataset --to input --format csv \\",
            "    --store file:///tmp/store --hyperparameters '{\"depth\": 4}'"
        })
public final class FetchCommand implements Callable<Integer> {
    private static final List<String> PARTS = List.of("train", "validation");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--dataset",
            required = true,
            paramLabel = "FOLDER",
            description = "Where the join wrote the parts, below the store or as a URI.")
    private String dataset;

    @Option(
            names = "--join-result",
            paramLabel = "KEY",
            description = "The join's result, which has the digests, below the store or as a URI. Default:"
                    + " join/result.json beside the dataset.")
    private String joinResult;

    @Option(
            names = "--parts",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "train,validation",
            description = "Parts to fetch. A part that the join didn't make is passed over, but for train. Default:"
                    + " ${DEFAULT-VALUE}.")
    private List<String> parts;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "Parquet",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Format format;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FOLDER",
            description = "Folder of this machine for train.parquet (or .csv) and validation.parquet.")
    private Path to;

    @ArgGroup
    private Given given = new Given();

    @Option(
            names = "--hyperparameters-to",
            paramLabel = "FOLDER",
            description = "Folder of this machine for them. Default: the one that --to lies in.")
    private Path hyperparametersTo;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Mixin
    private EngineOptions engine;

    /** Where hyperparameters come from. */
    static final class Given {
        @Option(
                names = "--hyperparameters",
                paramLabel = "JSON",
                description = "Hyperparameters as a JSON object. Default: none.")
        private String text;

        @Option(names = "--hyperparameters-file", paramLabel = "FILE", description = "A file with them, YAML or JSON.")
        private Path file;
    }

    @Override
    public Integer call() {
        for (var part : parts) {
            if (!PARTS.contains(part)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--parts: expected train and validation, found " + part
                                + "; a trainer never gets the rows for the test");
            }
        }
        var folder = to.toAbsolutePath().normalize();
        var fetcher = new Fetcher(new FetchOptions(
                dataset,
                joinResult == null ? dataset.replaceFirst("[^/]+/*$", "") + "join/result.json" : joinResult,
                parts,
                format,
                folder,
                given.text,
                given.file,
                hyperparametersTo == null ? folder.resolveSibling("") : hyperparametersTo,
                engine.memoryBytes(),
                engine.threads()));
        return new StepRunner<>(fetcher, store, result).run();
    }
}
