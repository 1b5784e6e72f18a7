package dev.tatara.steps.experiment;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link ExperimentStep}. */
@Command(
        name = ExperimentStep.NAME,
        description = {
            "Judges an A/B test between two revisions of a service: counts who asked by the ledger of predictions (below"
                    + " ledger/<namespace>/<service>/<revision>/ of the store), joins what they did from feedback, and says"
                    + " which side has more of the figure that spec.rollout.abTest names.",
            "",
            "May be killed and run again at any time, and an experiment may be looked at as often as you like.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Judged, whatever the verdict is.",
            "2:Rejected: the service's definition is at fault.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps experiment --service churn.yaml --stable 55ab012345 --candidate 77cd012345 \\",
            "    --since 2026-11-14T12:00:00Z --output experiments/default/churn/1-hand --store file:///tmp/store"
        })
public final class ExperimentCommand implements Callable<Integer> {
    @Option(
            names = "--service",
            required = true,
            paramLabel = "FILE",
            description = "The InferenceService, as it is given to kubectl apply.")
    private Path service;

    @Option(
            names = "--stable",
            required = true,
            paramLabel = "REVISION",
            description = "The revision that served before.")
    private String stable;

    @Option(
            names = "--candidate",
            required = true,
            paramLabel = "REVISION",
            description = "The revision that may take over.")
    private String candidate;

    @Option(
            names = "--since",
            required = true,
            paramLabel = "TIME",
            description = "When the experiment began: both sides served with the weights that the service names.")
    private Instant since;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "End of what is looked at, for example 2026-11-21T12:00:00Z. Default: now.")
    private Instant at;

    @Option(
            names = "--settle",
            paramLabel = "DURATION",
            defaultValue = "0s",
            description =
                    "A person counts once so long has passed since the first answer, with what came within that"
                            + " time: where people take days to decide. Default: everybody counts at once, with what came so far.")
    private Duration settle;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "URI",
            description = "Folder for report.html, below the store.")
    private String output;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() {
        var until = (at == null ? Instant.now() : at).truncatedTo(ChronoUnit.MILLIS);
        var step = new ExperimentStep(new ExperimentOptions(
                service, stable, candidate, since, until, settle, output, engine.memoryBytes(), engine.threads()));
        return new StepRunner<>(step, store, result).run();
    }
}
