package dev.tatara.steps.experiment;

import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.ExperimentEvaluated.Side;
import dev.tatara.contracts.ExperimentEvaluated.Verdict;
import dev.tatara.statistics.sequential.Plan.Found;
import dev.tatara.steps.report.Html;
import dev.tatara.steps.report.Intervals;
import java.time.Instant;
import java.util.List;

/**
 * An experiment for people.
 *
 * @param plan what was asked
 * @param found the latest look
 * @param looks what earlier ones would have shown, the oldest first
 */
record ExperimentReport(ExperimentPlan plan, ExperimentEvaluated found, List<Look> looks) {

    /** What was known at a time. */
    record Look(Instant at, Found found) {}

    byte[] page() {
        var html = new Html("Experiment of " + plan.namespace() + "/" + plan.service());
        html.paragraph("%s, by the header %s, from %s to %s"
                .formatted(
                        plan.isProportion()
                                ? "Share of people with " + plan.metric()
                                : "Mean " + plan.metric() + " of a person",
                        plan.header(),
                        found.window().start(),
                        found.window().end()));
        html.raw("<p class=\"" + className(found.verdict()) + "\"><b>" + found.verdict() + "</b>: ")
                .raw(Html.escaped(found.recommendation()))
                .raw("</p>\n");
        found.notes().forEach(html::paragraph);
        html.table(
                List.of("side", "revision", "people", "planned", plan.isProportion() ? "share" : "mean", "σ"),
                List.of(row("stable", found.stable()), row("candidate", found.candidate())));
        html.table(
                List.of("difference", "from", "to", "confidence", "lift", "p"),
                List.of(List.of(
                        number(found.difference()),
                        number(found.low()),
                        number(found.high()),
                        Html.percent(found.confidence()),
                        found.lift() == null ? "–" : Html.percent(found.lift()),
                        number(found.pValue()))));
        html.heading("As time went by");
        html.raw(Intervals.drawn(
                "difference of " + plan.metric() + " and its interval",
                looks.stream()
                        .map(look -> new Intervals.Interval(
                                look.found().difference(),
                                look.found().low(),
                                look.found().high()))
                        .toList()));
        html.paragraph(
                plan.design().sequential()
                        ? "The interval holds at all looks together: it may be watched, and acted upon when it leaves zero."
                        : "The interval is that of a single look at the end; earlier ones say nothing.");
        html.heading("What was counted");
        html.table(
                List.of("", ""),
                List.of(
                        List.of("predictions of both sides", String.valueOf(found.requests())),
                        List.of("of these without saying who asked", String.valueOf(found.anonymous())),
                        List.of("figures by feedback", String.valueOf(found.figures())),
                        List.of("of these without a prediction that counts", String.valueOf(found.unmatched())),
                        List.of("people whom both sides answered", String.valueOf(found.both())),
                        List.of("that people came as they were sent, p", number(found.ratioPValue())),
                        List.of("files that can't be read", String.valueOf(found.damaged()))));
        return html.page();
    }

    private static String className(Verdict verdict) {
        return switch (verdict) {
            case CandidateWins, StableWins -> "good";
            case Untrusted -> "bad";
            case Undecided, NoWinner -> "";
        };
    }

    private static List<String> row(String name, Side side) {
        return List.of(
                name,
                side.revision(),
                String.valueOf(side.people()),
                String.valueOf(side.planned()),
                number(side.mean()),
                number(side.standardDeviation()));
    }

    private static String number(Double value) {
        return value == null ? "–" : Html.number(value);
    }
}
