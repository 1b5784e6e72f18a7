package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.contracts.DriftEvaluated.Window;
import dev.tatara.contracts.StepResult;
import dev.tatara.statistics.Pane;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.drift.DataJudge.Compared;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Judges a service's live traffic by a DriftPolicy. */
final class DriftStep implements Step<DriftEvaluated> {
    static final String NAME = "drift";

    private static final int MOST_HISTORY = 100;
    private static final int MOST_DAMAGED_NAMED = 20;

    private final DriftOptions options;

    DriftStep(DriftOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<DriftEvaluated> detailsType() {
        return DriftEvaluated.class;
    }

    @Override
    public StepResult<DriftEvaluated> run(StepContext context) throws StepFailure, IOException {
        var plan = DriftPlan.of(Definition.read(options.policy(), "DriftPolicy", DriftPolicySpec.class));
        var files = new ArtifactFolder(context.store(), context.storeUri());
        return new Evaluation(plan, files, output(context), context).run();
    }

    private String output(StepContext context) throws StepFailure {
        ArtifactUri uri = context.address("--output", options.output());
        try {
            return uri.below(context.storeUri()).replaceFirst("/+$", "");
        } catch (IllegalArgumentException e) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION, "--output: expected a folder below the store: " + e.getMessage());
        }
    }

    /** One evaluation, from the store to the store. */
    private final class Evaluation {
        private final DriftPlan plan;
        private final StoreFolder files;
        private final String output;
        private final StepContext context;
        private final List<Verdict> verdicts = new ArrayList<>();

        Evaluation(DriftPlan plan, StoreFolder files, String output, StepContext context) {
            this.plan = plan;
            this.files = files;
            this.output = output;
            this.context = context;
        }

        StepResult<DriftEvaluated> run() throws StepFailure, IOException {
            var folder = Listing.folderOf(plan.namespace(), plan.service());
            var rolledUp = options.keepPanes()
                    ? null
                    : new RollingUp(files, Listing.of(files, folder), options.at(), context.progress()).run();
            var live = LiveData.read(files, folder, options.revisions(), options.begin(plan.length()), options.at());
            tell(live);
            var needsReference = plan.data() != null || plan.prediction() != null;
            var reference = live.pane().isEmpty() || !needsReference
                    ? ReferenceData.none("nothing is compared")
                    : new References(plan, options, files, context).find(live);
            var judged = judge(live, reference);
            var performance =
                    plan.performance().isEmpty() ? null : new PerformanceJudge(plan, options, files, context).judge();
            if (performance != null) {
                verdicts.add(performance.verdict());
            }
            var service = live.pane().flatMap(ServiceJudge::service).orElse(null);
            if (plan.level() != null) {
                verdicts.add(live.pane()
                        .map(pane -> ServiceJudge.judge(plan.level(), pane, plan.minSamples()))
                        .orElseGet(() -> none(Breach.ServiceLevel, live)));
            }
            verdicts.forEach(verdict ->
                    context.progress().say("%s: %s: %s", verdict.breach(), verdict.verdict(), verdict.reason()));
            var pane = live.pane();
            var details = new DriftEvaluated(
                    new Window(live.start(), live.end()),
                    pane.map(Pane::end).orElse(null),
                    pane.map(Pane::rowsSeen).orElse(0L),
                    pane.map(Pane::rowsSampled).orElse(0L),
                    pane.map(Pane::sources).orElse(0L),
                    live.pods(),
                    live.lost(),
                    live.damaged().size(),
                    verdicts,
                    judged.share(),
                    judged.drifted(),
                    judged.features.features(),
                    judged.prediction.features().stream().findFirst().orElse(null),
                    performance == null ? List.of() : performance.metrics(),
                    service,
                    judged.quality,
                    plan.html() ? files.address(output + "/" + Evaluations.REPORT) : null,
                    rolledUp,
                    false);
            report(details, judged, reference, live);
            return StepResult.succeeded(NAME, message(details), details);
        }

        private void tell(LiveData live) {
            var progress = context.progress();
            progress.say(
                    "%s/%s from %s to %s: %d rows of %d panes of %d pods",
                    plan.namespace(),
                    plan.service(),
                    live.start(),
                    live.end(),
                    live.pane().map(Pane::rowsSeen).orElse(0L),
                    live.pane().map(Pane::sources).orElse(0L),
                    live.pods());
            live.damaged().stream().limit(MOST_DAMAGED_NAMED).forEach(damaged -> progress.say("left out: %s", damaged));
        }

        private Judged judge(LiveData live, ReferenceData reference) {
            if (live.pane().isEmpty()) {
                if (plan.data() != null) {
                    verdicts.add(none(Breach.DataDrift, live));
                    if (plan.data().quality() != null) {
                        verdicts.add(none(Breach.DataQuality, live));
                    }
                }
                if (plan.prediction() != null) {
                    verdicts.add(none(Breach.PredictionDrift, live));
                }
                return new Judged(Compared.NONE, Compared.NONE, null);
            }
            var judge = new DataJudge(plan, live.pane().get(), reference);
            var features = plan.data() == null ? Compared.NONE : judge.features();
            var quality = plan.data() == null || plan.data().quality() == null ? null : judge.quality();
            var prediction = plan.prediction() == null ? Compared.NONE : judge.prediction();
            for (var verdict :
                    new Verdict[] {features.verdict(), quality == null ? null : quality.verdict(), prediction.verdict()
                    }) {
                if (verdict != null) {
                    verdicts.add(verdict);
                }
            }
            return new Judged(features, prediction, quality == null ? null : quality.quality());
        }

        private Verdict none(Breach breach, LiveData live) {
            return new Verdict(
                    breach,
                    Judgement.InsufficientData,
                    "there are no panes of revision %s from %s to %s: does it serve, and can its pods write to the store?"
                            .formatted(String.join(", ", options.revisions()), live.start(), live.end()));
        }

        private void report(DriftEvaluated details, Judged judged, ReferenceData reference, LiveData live)
                throws StepFailure {
            var evaluations = new Evaluations(files, output);
            if (details.report() != null) {
                var page = new DriftReport(
                                plan,
                                String.join(", ", options.revisions()),
                                reference.words(),
                                details,
                                judged.features.columns(),
                                judged.prediction.columns(),
                                live.damaged(),
                                evaluations.before(MOST_HISTORY))
                        .page();
                files.put(output + "/" + Evaluations.REPORT, page);
                context.progress().say("wrote %s", details.report());
            }
            var gone = evaluations.keep(plan.keep());
            if (gone > 0) {
                context.progress().say("deleted %d evaluations, %d are kept", gone, plan.keep());
            }
        }
    }

    /** What was compared. */
    private record Judged(Compared features, Compared prediction, DriftEvaluated.Quality quality) {
        Double share() {
            return features.share() == null ? null : features.share().share();
        }

        String drifted() {
            var share = features.share();
            return share == null || share.judged() == 0 ? null : share.drifted() + "/" + share.judged();
        }
    }

    private static String message(DriftEvaluated details) {
        var bad = details.verdicts().stream()
                .filter(verdict -> verdict.verdict() != Judgement.Good)
                .map(verdict -> verdict.breach() + " " + verdict.verdict())
                .collect(Collectors.joining(", "));
        return "%s; %d rows of %d pods%s"
                .formatted(
                        bad.isEmpty() ? "all good" : bad,
                        details.samples(),
                        details.pods(),
                        details.drifted() == null ? "" : ", " + details.drifted() + " features drifted");
    }

    /** Evaluations are made once: what they saw is past, and reports go when they are old. */
    @Override
    public boolean stillHolds(StepResult<DriftEvaluated> earlier, StepContext context) {
        return true;
    }

    @Override
    public Optional<DriftEvaluated> shorter(DriftEvaluated details) {
        return details.shorter();
    }
}
