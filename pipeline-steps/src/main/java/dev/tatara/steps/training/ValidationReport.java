package dev.tatara.steps.training;

import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.steps.report.Html;
import dev.tatara.steps.report.Plots;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * What was found about the data of a run, for people.
 *
 * @param job namespace and name of the TrainingJob
 * @param rows rows that were looked at
 * @param oldest time of the oldest; {@code null} where rows have no times
 * @param newest time of the newest
 * @param label figures of the label
 * @param checks verdicts of the checks
 * @param columns figures of the columns
 * @param refusal why nothing can be trained on it; nothing: it can
 */
record ValidationReport(
        String job,
        long rows,
        Instant oldest,
        Instant newest,
        LabelFigures label,
        List<CheckVerdict> checks,
        List<ColumnFigures> columns,
        Optional<String> refusal) {
    byte[] page() {
        var html = new Html("Data of " + job);
        html.raw(refusal.isPresent() ? "<p class=\"bad\">Rejected: " : "<p class=\"good\">")
                .raw(Html.escaped(refusal.orElse("Fit for training")))
                .raw("</p>\n");
        html.paragraph(rows + " rows" + (newest == null ? "" : ", from " + oldest + " to " + newest));
        addLabel(html);
        addChecks(html);
        html.heading("Columns");
        html.table(
                List.of("column", "type", "without a value", "different values, about", "least", "mean", "most"),
                columns.stream()
                        .map(column -> List.of(
                                column.name(),
                                column.type(),
                                column.absent() + share(column.absent()),
                                String.valueOf(column.distinct()),
                                column.least(),
                                column.mean(),
                                column.most()))
                        .toList());
        return html.page();
    }

    private void addLabel(Html html) {
        html.heading("Label");
        html.paragraph("%s (%s): %d rows have a value%s, %d different ones."
                .formatted(label.name(), label.type(), label.present(), share(label.present()), label.distinct()));
        var bars = new LinkedHashMap<String, Double>();
        label.shares().forEach((value, count) -> bars.put(value, (double) count));
        if (!bars.isEmpty()) {
            html.raw(Plots.bars("Rows by label", bars));
        }
    }

    private void addChecks(Html html) {
        html.heading("Checks");
        if (checks.isEmpty()) {
            html.paragraph("None was asked for.");
            return;
        }
        html.raw("<table><tr><th></th><th>check</th><th>column</th><th>found</th><th>last good value</th>"
                + "<th>violations</th><th>on failure</th></tr>\n");
        for (var check : checks) {
            html.raw("<tr><td class=\"" + (check.verdict() == Verdict.Failed ? "bad" : "good") + "\">")
                    .raw(words(check.verdict()))
                    .raw("</td>");
            for (var cell : List.of(
                    check.type(),
                    check.column() == null ? "" : check.column(),
                    check.value() == null ? "–" : Html.number(check.value()),
                    check.threshold() == null ? "–" : Html.number(check.threshold()),
                    check.violations() == null ? "" : check.violations().toString(),
                    check.onFailure().name())) {
                html.raw("<td>").raw(Html.escaped(cell)).raw("</td>");
            }
            html.raw("</tr>\n");
        }
        html.raw("</table>\n");
    }

    private static String words(Verdict verdict) {
        return switch (verdict) {
            case Passed -> "holds";
            case Failed -> "fails";
            case InsufficientData -> "nothing to judge";
        };
    }

    private String share(long part) {
        return rows == 0 ? "" : " (" + Html.percent((double) part / rows) + ")";
    }
}
