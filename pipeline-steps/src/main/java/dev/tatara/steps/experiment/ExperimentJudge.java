package dev.tatara.steps.experiment;

import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.ExperimentEvaluated.Side;
import dev.tatara.contracts.ExperimentEvaluated.Verdict;
import dev.tatara.contracts.ExperimentEvaluated.Window;
import dev.tatara.statistics.sequential.Arm;
import dev.tatara.statistics.sequential.Plan.Found;
import dev.tatara.statistics.sequential.SampleRatio;
import dev.tatara.steps.feedback.FiguresByPerson.Gathered;
import dev.tatara.steps.feedback.FiguresByPerson.Sums;
import dev.tatara.steps.report.Html;
import java.util.ArrayList;
import java.util.List;

/** What people's figures say of two revisions. Pure. */
record ExperimentJudge(ExperimentPlan plan, String stable, String candidate) {
    /** From this share of people on, whom both sides answered, it is worth a word. */
    private static final double WORTH_A_WORD = 0.01;

    /** The test on what is known of both sides at one time. */
    Found test(Sums ofStable, Sums ofCandidate, boolean ended) {
        return plan.plan().judge(arm(ofStable), arm(ofCandidate), ended);
    }

    private Arm arm(Sums sums) {
        return plan.isProportion()
                ? Arm.ofProportion(sums.people(), sums.successes())
                : new Arm(sums.people(), sums.mean(), sums.variance());
    }

    /**
     * Judges.
     *
     * @param ended whether time is up
     * @param report address of the report
     */
    ExperimentEvaluated judge(
            Window window, Sums ofStable, Sums ofCandidate, Gathered gathered, boolean ended, String report) {
        var found = test(ofStable, ofCandidate, ended);
        var share = plan.design().candidateShare();
        var ratio = SampleRatio.pValue(ofStable.people(), ofCandidate.people(), share);
        var isTrusted = ratio > SampleRatio.ALARM;
        var verdict = isTrusted ? Verdict.valueOf(found.outcome().name()) : Verdict.Untrusted;
        return new ExperimentEvaluated(
                window,
                plan.metric(),
                side(stable, ofStable, plan.plan().stable()),
                side(candidate, ofCandidate, plan.plan().candidate()),
                found.difference(),
                found.lift(),
                found.low(),
                found.high(),
                1 - plan.design().alpha(),
                found.pValue(),
                plan.design().sequential(),
                verdict,
                recommendation(verdict, found, ofStable, ofCandidate),
                gathered.requests(),
                gathered.anonymous(),
                gathered.figures(),
                gathered.unmatched(),
                gathered.both(),
                ratio,
                gathered.damaged().size(),
                notes(ofStable, ofCandidate, gathered, verdict),
                report,
                false);
    }

    private Side side(String revision, Sums sums, long planned) {
        var arm = arm(sums);
        return new Side(
                revision,
                sums.people(),
                planned,
                sums.people() == 0 ? null : arm.mean(),
                sums.people() < 2 ? null : Math.sqrt(arm.variance()));
    }

    private String recommendation(Verdict verdict, Found found, Sums ofStable, Sums ofCandidate) {
        return switch (verdict) {
            case CandidateWins -> "promote %s: %s".formatted(candidate, figures(found, ofStable, ofCandidate));
            case StableWins -> "keep %s: %s".formatted(stable, figures(found, ofStable, ofCandidate));
            case NoWinner ->
                "take either: no difference of %s shows, %s"
                        .formatted(plan.metric(), figures(found, ofStable, ofCandidate));
            case Undecided ->
                "wait: %d of %d people have seen %s, %d of %d %s"
                        .formatted(
                                ofStable.people(),
                                plan.plan().stable(),
                                stable,
                                ofCandidate.people(),
                                plan.plan().candidate(),
                                candidate);
            case Untrusted ->
                ("don't decide by this: %d people came to %s and %d to %s, where %s were meant to;"
                                + " look for requests of one side that fail or get lost")
                        .formatted(
                                ofStable.people(),
                                stable,
                                ofCandidate.people(),
                                candidate,
                                Html.percent(plan.design().candidateShare()));
        };
    }

    /** {@code conversion 0.061 against 0.05 (+22.0 %), between +0.0021 and +0.0199 at 95.0 %, p 0.0012}. */
    private String figures(Found found, Sums ofStable, Sums ofCandidate) {
        return "%s %s against %s%s, between %s and %s at %s, p %s"
                .formatted(
                        plan.metric(),
                        Html.number(arm(ofCandidate).mean()),
                        Html.number(arm(ofStable).mean()),
                        Double.isFinite(found.lift())
                                ? " (%s%s)".formatted(found.lift() < 0 ? "" : "+", Html.percent(found.lift()))
                                : "",
                        signed(found.low()),
                        signed(found.high()),
                        Html.percent(1 - plan.design().alpha()),
                        Html.number(found.pValue()));
    }

    private static String signed(double number) {
        return Double.isFinite(number) ? (number > 0 ? "+" : "") + Html.number(number) : number > 0 ? "∞" : "−∞";
    }

    private List<String> notes(Sums ofStable, Sums ofCandidate, Gathered gathered, Verdict verdict) {
        var notes = new ArrayList<String>();
        var people = ofStable.people() + ofCandidate.people();
        if (gathered.requests() == 0) {
            notes.add(
                    "the ledger has no predictions of %s and %s in this time: does the service have spec.monitoring.ledger?"
                            .formatted(stable, candidate));
        } else if (people == 0) {
            notes.add("no prediction says who asked: do callers send the header %s?".formatted(plan.header()));
        } else if (gathered.anonymous() > 0) {
            notes.add(
                    "%d of %d predictions came without the header %s, or were sent to their side by a match, and don't count"
                            .formatted(gathered.anonymous(), gathered.requests(), plan.header()));
        }
        if (people > 0 && gathered.figures() == 0) {
            notes.add("no feedback has a figure called %s: post it to /feedback with the request_id of the answer"
                    .formatted(plan.metric()));
        }
        if (gathered.figures() > 0 && gathered.unmatched() == gathered.figures()) {
            notes.add(
                    "none of %d figures belongs to a prediction that counts: are their request ids those of the answers?"
                            .formatted(gathered.figures()));
        }
        if (people > 0 && gathered.both() >= people * WORTH_A_WORD) {
            notes.add("%d of %d people were answered by both sides and count for the first: was one of them away?"
                    .formatted(gathered.both(), people));
        }
        if (plan.isProportion() && (ofStable.mean() > 1 || ofCandidate.mean() > 1)) {
            notes.add("%s is counted as a share of people, and what came is more than 1 for each: is it a Mean?"
                    .formatted(plan.metric()));
        }
        if (!plan.design().sequential() && verdict == Verdict.Undecided) {
            notes.add("this experiment is looked at once, at its end: what it shows before says nothing");
        }
        if (!gathered.damaged().isEmpty()) {
            notes.add("%d files can't be read: %s"
                    .formatted(gathered.damaged().size(), gathered.damaged().getFirst()));
        }
        return notes;
    }
}
