package dev.tatara.steps.evaluate;

import dev.tatara.steps.evaluate.Measured.Compared;
import dev.tatara.steps.evaluate.Measured.Slice;
import dev.tatara.steps.report.Html;
import dev.tatara.steps.report.Plots;
import dev.tatara.steps.training.TrainingProgress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model card: what was found, for people, in one HTML file without scripts and without anything from elsewhere. */
final class Card {
    private static final int MOST_BARS = 30;
    private static final int MOST_CURVES = 12;

    private final Report report;
    private final Optional<TrainingProgress> progress;
    private final Html html;

    /**
     * A card.
     *
     * @param progress how the training went on, where that is known
     */
    Card(Report report, Optional<TrainingProgress> progress) {
        this.report = report;
        this.progress = progress;
        this.html = new Html(report.model());
    }

    byte[] html() {
        about();
        gates();
        metrics();
        predictions();
        training();
        importance();
        slices();
        compared();
        leakage();
        inputs();
        return html.page();
    }

    private void about() {
        html.paragraph("%s, judged on %d rows that its training never saw (%d more had no label). Trained by %s/%s."
                .formatted(
                        report.task(),
                        report.rows(),
                        report.rowsWithoutLabel(),
                        report.namespace(),
                        report.trainingJob()));
        html.raw("<p>Model <code>sha256:" + Html.escaped(report.modelSha256()) + "</code><br>Test data <code>sha256:"
                + Html.escaped(report.testSha256()) + "</code></p>\n");
    }

    private void gates() {
        html.heading("Gates");
        if (report.gates().isEmpty()) {
            html.paragraph("None was asked for.");
            return;
        }
        html.raw("<table><tr><th></th><th>gate</th><th>found</th><th></th></tr>\n");
        for (var gate : report.gates()) {
            html.raw(gate.holds() ? "<tr><td class=\"good\">holds</td><td>" : "<tr><td class=\"bad\">fails</td><td>")
                    .raw(Html.escaped(gate.gate()))
                    .raw("</td><td>")
                    .raw(gate.value() == null ? "–" : Html.number(gate.value()))
                    .raw("</td><td>")
                    .raw(gate.reason() == null ? "" : Html.escaped(gate.reason()))
                    .raw("</td></tr>\n");
        }
        html.raw("</table>\n");
    }

    private void metrics() {
        html.heading("Metrics");
        html.table(
                List.of("metric", "value"),
                report.measured().metrics().entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), shown(entry.getValue())))
                        .toList());
        if (report.averaging() != null) {
            html.paragraph("Precision, recall and F1 are averaged %s%s."
                    .formatted(
                            report.averaging(),
                            report.averaging().equals("Binary") ? ", for class " + report.positiveClass() : ""));
        }
        report.measured()
                .stability()
                .forEach((noise, share) ->
                        html.paragraph("Under noise of %s standard deviations on the features, %s of the answers stay."
                                .formatted(
                                        Html.number(noise),
                                        share.isNumber() ? Html.percent(share.value()) : share.why())));
    }

    private static String shown(Figure figure) {
        return figure.isNumber() ? Html.number(figure.value()) : "undefined: " + figure.why();
    }

    private void predictions() {
        if (report.confusion() != null) {
            html.heading("Answers by label");
            html.paragraph("Labels down, answers across; darker is a larger share of the label's rows.");
            html.raw(Plots.confusion(
                    report.confusion().classes(), report.confusion().counts()));
        }
        if (report.roc() != null && !report.roc().isEmpty()) {
            html.heading("ROC");
            html.raw(Plots.roc(report.roc().entrySet().stream()
                    .map(curve -> new Plots.Line(
                            Plots.shortened(curve.getKey()) + ": "
                                    + Html.number(curve.getValue().area()),
                            curve.getValue().points()))
                    .toList()));
        }
        if (report.answers() != null && !report.answers().isEmpty()) {
            html.heading("Answers beside labels");
            html.raw(Plots.scatter(report.answers().stream()
                    .map(answer -> List.of(answer.actual(), answer.answered()))
                    .toList()));
        }
    }

    private void training() {
        if (progress.isEmpty() || progress.get().series().isEmpty()) {
            return;
        }
        var series = progress.get().series();
        html.heading("Training");
        html.paragraph("What the trainer said of itself while it ran%s."
                .formatted(series.size() > MOST_CURVES ? "; the first of " + series.size() + " figures" : ""));
        series.stream()
                .limit(MOST_CURVES)
                .forEach(one -> html.raw(Plots.curve(
                        one.name(),
                        "step",
                        one.points().stream()
                                .map(point -> List.of(point.step(), point.value()))
                                .toList())));
    }

    private void importance() {
        if (report.measured().importance().isEmpty()) {
            return;
        }
        html.heading("Importance of features");
        html.paragraph("How much worse %s gets when a feature's values are dealt out anew."
                .formatted(report.confusion() == null ? "the root mean squared error" : "the accuracy"));
        Map<String, Double> bars = new LinkedHashMap<>();
        report.measured().importance().stream()
                .limit(MOST_BARS)
                .forEach(importance -> bars.put(importance.feature(), importance.loss()));
        html.raw(Plots.bars("Importance of features", bars));
    }

    private void slices() {
        report.measured().slices().forEach((column, slices) -> {
            html.heading("By " + column);
            if (slices.isEmpty()) {
                return;
            }
            var metrics =
                    List.copyOf(slices.values().iterator().next().metrics().keySet());
            var head = new java.util.ArrayList<>(List.of(column, "rows"));
            head.addAll(metrics);
            html.table(
                    head,
                    slices.entrySet().stream()
                            .map(slice -> row(slice.getKey(), slice.getValue(), metrics))
                            .toList());
            Map<String, Double> bars = new LinkedHashMap<>();
            slices.forEach((value, slice) -> {
                var figure = slice.metrics().get(metrics.getFirst());
                if (figure.isNumber() && bars.size() < MOST_BARS) {
                    bars.put(value, figure.value());
                }
            });
            html.paragraph(metrics.getFirst() + ":");
            html.raw(Plots.bars(metrics.getFirst() + " by " + column, bars));
        });
    }

    private static List<String> row(String value, Slice slice, List<String> metrics) {
        var row = new java.util.ArrayList<>(List.of(value, String.valueOf(slice.rows())));
        metrics.forEach(metric -> {
            var figure = slice.metrics().get(metric);
            row.add(figure.isNumber() ? Html.number(figure.value()) : "–");
        });
        return row;
    }

    private void compared() {
        report.measured().compared().forEach((stage, compared) -> {
            html.heading("Beside the version in " + stage);
            html.table(
                    List.of("metric", "this", stage.name()),
                    compared.metrics().entrySet().stream()
                            .map(entry -> List.of(
                                    entry.getKey(),
                                    shown(report.measured().metrics().get(entry.getKey())),
                                    shown(entry.getValue())))
                            .toList());
            distribution(compared, stage.name());
        });
    }

    private void distribution(Compared compared, String stage) {
        var distribution = compared.distribution();
        if (distribution == null) {
            return;
        }
        html.paragraph("%s of the answers are the same; the population stability index of the answers is %s."
                .formatted(Html.percent(distribution.agreement()), Html.number(distribution.populationStability())));
        html.table(
                List.of("answer", "this", stage, "labels"),
                distribution.shares().stream()
                        .map(share -> List.of(
                                share.name(),
                                Html.percent(share.candidate()),
                                Html.percent(share.other()),
                                share.labels() == null ? "–" : Html.percent(share.labels())))
                        .toList());
    }

    private void leakage() {
        if (report.measured().leakage().isEmpty()) {
            return;
        }
        html.heading("What features alone tell of the label");
        html.paragraph(
                "From 0, nothing, to 1, everything. A feature close to 1 may be one that nobody has at the time of a"
                        + " prediction.");
        Map<String, Double> bars = new LinkedHashMap<>();
        report.measured().leakage().stream()
                .limit(MOST_BARS)
                .forEach(correlation -> bars.put(correlation.feature(), correlation.value()));
        html.raw(Plots.bars("Correlation with the label", bars));
    }

    private void inputs() {
        html.heading("Features");
        report.inputs().forEach(input -> html.paragraph(input.name() + ": " + String.join(", ", input.features())));
    }
}
