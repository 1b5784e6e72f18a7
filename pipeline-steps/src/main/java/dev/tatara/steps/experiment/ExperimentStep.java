package dev.tatara.steps.experiment;

import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.ExperimentEvaluated.Window;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.experiment.ExperimentPlan.ServicePart;
import dev.tatara.steps.experiment.ExperimentReport.Look;
import dev.tatara.steps.feedback.FiguresByPerson;
import dev.tatara.steps.feedback.FiguresByPerson.Sums;
import dev.tatara.steps.feedback.FiguresByPerson.Wanted;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges an A/B test between two revisions of a service. */
final class ExperimentStep implements Step<ExperimentEvaluated> {
    static final String NAME = "experiment";

    private static final String REPORT = "report.html";
    /** Looks back that the report draws. */
    private static final int LOOKS = 24;

    private final ExperimentOptions options;

    ExperimentStep(ExperimentOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<ExperimentEvaluated> detailsType() {
        return ExperimentEvaluated.class;
    }

    @Override
    public StepResult<ExperimentEvaluated> run(StepContext context) throws StepFailure, IOException {
        var plan = ExperimentPlan.of(Definition.read(options.service(), "InferenceService", ServicePart.class));
        if (!options.since().isBefore(options.at())) {
            throw StepFailure.rejected(
                    ExperimentPlan.INVALID_DEFINITION,
                    "--since %s: expected a time before --at %s".formatted(options.since(), options.at()));
        }
        return run(plan, new ArtifactFolder(context.store(), context.storeUri()), output(context), context);
    }

    private String output(StepContext context) throws StepFailure {
        try {
            return context.address("--output", options.output())
                    .below(context.storeUri())
                    .replaceFirst("/+$", "");
        } catch (IllegalArgumentException e) {
            throw StepFailure.rejected(
                    ExperimentPlan.INVALID_DEFINITION,
                    "--output: expected a folder below the store: " + e.getMessage());
        }
    }

    StepResult<ExperimentEvaluated> run(ExperimentPlan plan, StoreFolder files, String output, StepContext context)
            throws StepFailure, IOException {
        var judge = new ExperimentJudge(plan, options.stable(), options.candidate());
        var spill = Files.createTempDirectory(context.workspace(), "spill");
        var folder = Files.createTempDirectory(context.workspace(), "files");
        try (var engine = TableEngine.open(spill, options.memoryBytes(), options.threads())) {
            var people = new FiguresByPerson(files, engine, folder, context.progress());
            var gathered = people.gather(new Wanted(
                    plan.namespace(),
                    plan.service(),
                    List.of(options.stable(), options.candidate()),
                    options.since(),
                    options.at(),
                    plan.metric(),
                    options.settle()));
            var sums = people.sums(options.at());
            var key = output + "/" + REPORT;
            var found = judge.judge(
                    new Window(options.since(), options.at()),
                    sums.getOrDefault(options.stable(), Sums.NONE),
                    sums.getOrDefault(options.candidate(), Sums.NONE),
                    gathered,
                    isEnded(plan),
                    files.address(key));
            files.put(key, new ExperimentReport(plan, found, looks(judge, people)).page());
            context.progress().say("wrote %s", found.report());
            found.notes().forEach(note -> context.progress().say("%s", note));
            return StepResult.succeeded(NAME, found.verdict() + ": " + found.recommendation(), found);
        } catch (SQLException e) {
            throw QueryFailure.of(e);
        }
    }

    private boolean isEnded(ExperimentPlan plan) {
        return plan.maxDuration() != null
                && !options.at().isBefore(options.since().plus(plan.maxDuration()));
    }

    /** What looks at earlier times would have shown. */
    private List<Look> looks(ExperimentJudge judge, FiguresByPerson people) throws SQLException {
        var length = Duration.between(options.since(), options.at());
        var looks = new ArrayList<Look>();
        for (int i = 1; i <= LOOKS; i++) {
            var at = options.since().plus(length.multipliedBy(i).dividedBy(LOOKS));
            var sums = people.sums(at);
            looks.add(new Look(
                    at,
                    judge.test(
                            sums.getOrDefault(options.stable(), Sums.NONE),
                            sums.getOrDefault(options.candidate(), Sums.NONE),
                            false)));
        }
        return looks;
    }

    /** What it saw is past. */
    @Override
    public boolean stillHolds(StepResult<ExperimentEvaluated> earlier, StepContext context) {
        return true;
    }

    @Override
    public Optional<ExperimentEvaluated> shorter(ExperimentEvaluated details) {
        return details.shorter();
    }
}
