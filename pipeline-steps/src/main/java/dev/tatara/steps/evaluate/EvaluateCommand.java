package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link Evaluator}. */
@Command(
        name = Evaluator.NAME,
        description = {
            "Runs a model on data that its trainer never saw, the way it would be served, computes metrics, decides by the"
                    + " TrainingJob's gates whether it is good enough, and writes metrics.json, profile.json (what live"
                    + " data is compared with) and card.html.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All gates hold.",
            "2:Rejected: a gate doesn't hold, or model, data and TrainingJob don't fit each other.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps evaluate --job training.yaml --model file:///tmp/model.onnx \\",
            "    --test file:///tmp/test.parquet --output file:///tmp/evaluation --store file:///tmp/store"
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Option(
            names = "--job",
            required = true,
            paramLabel = "FILE",
            description = "The TrainingJob, as kubectl takes it: labelColumn, metrics and gates are in it.")
    private Path job;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "URI",
            description = "The model: an ONNX file. This and all addresses: a URI, or below the store.")
    private String model;

    @Option(
            names = "--test",
            required = true,
            paramLabel = "URI",
            description = "The test data: a Parquet file with features and label.")
    private String test;

    @Option(
            names = "--production-model",
            paramLabel = "URI",
            description = "The version in Production, to compare with. Default: there is none.")
    private String production;

    @Option(
            names = "--production-features",
            split = ",",
            paramLabel = "NAME",
            description = "Its features in its order, where they aren't the data's columns in the data's order.")
    private List<String> productionFeatures;

    @Option(
            names = "--staging-model",
            paramLabel = "URI",
            description = "The version in Staging, to compare with. Default: there is none.")
    private String staging;

    @Option(names = "--staging-features", split = ",", paramLabel = "NAME", description = "As --production-features.")
    private List<String> stagingFeatures;

    @Option(
            names = "--features",
            split = ",",
            paramLabel = "NAME",
            description =
                    "The model's features in its order. Default: inputs by their names, one other input the features"
                            + " of spec.dataset.featureViews or all columns of its type but label and timestamp.")
    private List<String> features;

    @Option(
            names = "--not-features",
            split = ",",
            paramLabel = "NAME",
            description = "Columns that aren't features, such as keys of entities.")
    private List<String> notFeatures;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "NAME",
            description = "Names of the classes in the order of the model's probabilities, where the model answers"
                    + " positions or its probabilities aren't in the order of the sorted labels.")
    private List<String> classes;

    @Option(
            names = "--training-progress",
            paramLabel = "URI",
            description = "The trainer's progress.jsonl, whose curves the card shows: lines such as"
                    + " {\"step\": 7, \"loss\": 0.3}. Default: no curves; neither where there is no such file.")
    private String trainingProgress;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "URI",
            description = "Folder for metrics.json, profile.json and card.html.")
    private String output;

    @Option(
            names = "--baseline-out",
            paramLabel = "URI",
            description = "Where the baseline profile is written. Default: profile.json in the folder.")
    private String baselineOut;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() {
        var evaluator = new Evaluator(new EvaluateOptions(
                job,
                model,
                test,
                production,
                productionFeatures,
                staging,
                stagingFeatures,
                features,
                notFeatures,
                classes,
                trainingProgress,
                output,
                baselineOut));
        return new StepRunner<>(evaluator, store, result).run();
    }
}
