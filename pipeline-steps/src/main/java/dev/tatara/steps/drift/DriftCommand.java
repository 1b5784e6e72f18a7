package dev.tatara.steps.drift;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.SourceSecretOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@link DriftStep}. */
@Command(
        name = DriftStep.NAME,
        description = {
            "Judges a service's live traffic by a DriftPolicy: merges what serving pods saw in the window (panes below"
                    + " drift/<namespace>/<service>/<revision>/ of the store), compares it with the reference, joins the"
                    + " ledger of predictions with labels, and says of each kind of breach whether it is one. Older panes"
                    + " are rolled up to hours and days and deleted.",
            "",
            "May be killed and run again at any time: with the same --at it judges the same window.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Judged, whatever the verdict is.",
            "2:Rejected: the policy or the reference is at fault.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps drift --policy churn.yaml --revision 55ab012345 --baseline file:///tmp/profile.json \\",
            "    --keep-panes --output drift-evaluations/default/churn/1-hand --store file:///tmp/store"
        })
public final class DriftCommand implements Callable<Integer> {
    @Option(
            names = "--policy",
            required = true,
            paramLabel = "FILE",
            description = "The DriftPolicy, as it is given to kubectl apply.")
    private Path policy;

    @Option(
            names = "--revision",
            required = true,
            split = ",",
            paramLabel = "NAME",
            description = "The service's revision that is judged. More than one where several serve the same model"
                    + " version.")
    private List<String> revisions;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "End of the window, for example 2026-01-31T00:00:00Z. Default: now.")
    private Instant at;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "What was before doesn't count, however long the windows are. Default: windows alone decide.")
    private Instant since;

    @Option(
            names = "--baseline",
            paramLabel = "URI",
            description = "The model version's profile, for policies whose reference is baseline: ModelVersion (or that"
                    + " have none). This and all addresses: a URI, or below the store. Default: the version has none, so"
                    + " that drift can't be judged.")
    private String baseline;

    @Option(
            names = "--baseline-sha256",
            paramLabel = "HEX",
            description = "Digest of that file; another one is refused. Default: any is taken.")
    private String baselineSha256;

    @Mixin
    private SourceSecretOptions sourceSecret;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "Classification or Regression. Default: as the policy's metrics say.")
    private String task;

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            description = "Name of a class, in the order of the model's probabilities, where labels may come as"
                    + " positions. Repeatable.")
    private List<String> classes;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "URI",
            description = "Folder for report.html: <evaluations>/<number>-<id>. Of the folders beside it, those whose"
                    + " result.json is there make the report's history; those beyond report.keep are deleted.")
    private String output;

    @Option(names = "--keep-panes", description = "Leave panes as they are: nothing is rolled up or deleted.")
    private boolean keepPanes;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() {
        var until = (at == null ? Instant.now() : at).truncatedTo(ChronoUnit.MILLIS);
        var step = new DriftStep(new DriftOptions(
                policy,
                revisions,
                since,
                until,
                baseline,
                baselineSha256,
                sourceSecret.settings(store.settings()),
                task,
                classes,
                output,
                keepPanes,
                engine.memoryBytes(),
                engine.threads()));
        return new StepRunner<>(step, store, result).run();
    }
}
