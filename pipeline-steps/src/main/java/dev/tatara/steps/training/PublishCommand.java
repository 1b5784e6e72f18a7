package dev.tatara.steps.training;

import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.StepRunner;
import dev.tatara.steps.TerminationMessage;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import dev.tatara.steps.training.Publisher.PublishOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link Publisher}. */
@Command(
        name = Publisher.NAME,
        description = {
            "Publishes what a trainer left in its output folder: model.onnx, which must be there, metrics.json,"
                    + " progress.jsonl and artifacts/. Each file is written, read back and compared before the result"
                    + " names it.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Published, or this isn't the process of rank 0.",
            "2:Rejected: there is no model that can be served, or the metrics can't be read.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps publish --from output --store file:///tmp/store --output runs/ml/churn/1"
        })
public final class PublishCommand implements Callable<Integer> {
    @Option(names = "--from", required = true, paramLabel = "FOLDER", description = "The trainer's output folder.")
    private Path from;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FOLDER",
            description = "Where the files are written, below the store or as a URI. Below the store, artifacts of an"
                    + " earlier attempt are removed.")
    private String output;

    @Option(
            names = "--hyperparameters-file",
            paramLabel = "FILE",
            description =
                    "What the trainer was given, in JSON; kept as hyperparameters.json beside its output. Default:"
                            + " none.")
    private Path hyperparameters;

    @Option(
            names = "--objective",
            paramLabel = "METRIC",
            description = "The metric that a sweep goes by: the last one to be left out of a short result.")
    private String objective;

    @Option(
            names = "--recall",
            description = "Only return the result that an earlier attempt left at --result-key; fail if none stands.")
    private boolean recall;

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "${env:JOB_COMPLETION_INDEX:-0}",
            description = "Which of several processes this is; all but 0 do nothing. Default: JOB_COMPLETION_INDEX,"
                    + " else 0.")
    private int rank;

    @Option(
            names = "--max-model-size",
            paramLabel = "SIZE",
            defaultValue = "2Gi",
            description = "Larger models are rejected. Default: ${DEFAULT-VALUE}.")
    private ByteSize maxModelSize;

    @Option(
            names = "--max-artifacts",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Files of artifacts/ beyond so many are left out. Default: ${DEFAULT-VALUE}.")
    private int maxArtifacts;

    @Option(
            names = "--max-artifacts-size",
            paramLabel = "SIZE",
            defaultValue = "10Gi",
            description = "Files of artifacts/ are left out where all would have more. Default: ${DEFAULT-VALUE}.")
    private ByteSize maxArtifactsSize;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() throws IOException {
        if (rank != 0) {
            return nothingToDo();
        }
        var publisher = new Publisher(new PublishOptions(
                from,
                output,
                hyperparameters,
                objective,
                recall,
                maxModelSize.bytes(),
                maxArtifacts,
                maxArtifactsSize.bytes()));
        return new StepRunner<>(publisher, store, result).run();
    }

    /** Neither the store nor the result, which are those of rank 0. */
    private int nothingToDo() throws IOException {
        StepResult<Published> nothing =
                StepResult.succeeded(Publisher.NAME, "nothing to do for rank " + rank + ": rank 0 publishes", null);
        System.out.println(nothing.message());
        var file = result.terminationMessage();
        if (file.isPresent()) {
            Files.write(file.get(), TerminationMessage.of(nothing, any -> Optional.empty()));
        }
        return StepRunner.EXIT_SUCCEEDED;
    }
}
