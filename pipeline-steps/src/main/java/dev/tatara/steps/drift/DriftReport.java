package dev.tatara.steps.drift;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import dev.tatara.steps.drift.DataJudge.Column;
import dev.tatara.steps.report.Distributions;
import dev.tatara.steps.report.Distributions.Share;
import dev.tatara.steps.report.Html;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An evaluation for people.
 *
 * @param plan what the policy asks for
 * @param revision whose traffic was judged
 * @param reference what it was compared with, in words
 * @param found what was found
 * @param features that were compared, the worst first
 * @param answers that were compared, the worst first
 * @param damaged panes that can't be read
 * @param before earlier evaluations, the oldest first
 */
record DriftReport(
        DriftPlan plan,
        String revision,
        String reference,
        DriftEvaluated found,
        List<Column> features,
        List<Column> answers,
        List<String> damaged,
        List<DriftEvaluated> before) {
    private static final int MOST_ROWS = 1000;
    private static final int MOST_DRAWN = DriftEvaluated.MOST_FEATURES;
    private static final int MOST_DAMAGED = 20;
    private static final int SPANS = 24;
    private static final int MOST_VALUES = 12;
    private static final double TAIL = 0.005;

    byte[] page() {
        var html = new Html("Drift of " + plan.namespace() + "/" + plan.service());
        html.paragraph("Policy %s, revision %s, from %s to %s; compared with %s"
                .formatted(
                        plan.name(),
                        revision,
                        found.window().start(),
                        found.window().end(),
                        reference));
        html.paragraph("%d rows, %d of them in sketches, of %d panes of %d pods"
                        .formatted(found.samples(), found.sampled(), found.panes(), found.pods())
                + (found.lost() == 0 ? "" : "; " + found.lost() + " panes were lost")
                + (found.damaged() == 0 ? "" : "; " + found.damaged() + " can't be read")
                + (found.watermark() == null ? "" : "; the newest is of " + found.watermark()));
        addVerdicts(html);
        addFeatures(html);
        addAnswers(html);
        addPerformance(html);
        addService(html);
        addQuality(html);
        addDamaged(html);
        addHistory(html);
        return html.page();
    }

    private static String className(Judgement judgement) {
        return switch (judgement) {
            case Good -> "good";
            case Breached, Error -> "bad";
            case Warning, InsufficientData -> "";
        };
    }

    private void addVerdicts(Html html) {
        html.raw("<table><tr><th>kind</th><th>verdict</th><th>why</th></tr>\n");
        for (var verdict : found.verdicts()) {
            html.raw("<tr><td>" + verdict.breach() + "</td><td class=\"" + className(verdict.verdict()) + "\">"
                            + verdict.verdict() + "</td><td>")
                    .raw(Html.escaped(verdict.reason()))
                    .raw("</td></tr>\n");
        }
        html.raw("</table>\n");
    }

    private void addFeatures(Html html) {
        if (plan.data() == null) {
            return;
        }
        html.heading("Features");
        addTable(html, features);
        if (features.size() > MOST_ROWS) {
            html.paragraph("%d more are left out.".formatted(features.size() - MOST_ROWS));
        }
        if (!features.isEmpty()) {
            html.raw(Distributions.legend());
        }
        features.stream().limit(MOST_DRAWN).forEach(column -> draw(html, column));
    }

    private static void addTable(Html html, List<Column> columns) {
        if (columns.isEmpty()) {
            html.paragraph("Nothing was compared.");
            return;
        }
        html.raw("<table><tr><th>name</th><th></th><th>test</th><th>found</th><th>bound</th><th>p</th>"
                + "<th>reference</th><th>now</th><th>remark</th></tr>\n");
        for (var column : columns.subList(0, Math.min(columns.size(), MOST_ROWS))) {
            var feature = column.feature();
            var state = feature.drifted() ? "drifted" : feature.warning() ? "warning" : "";
            html.raw("<tr><td>").raw(Html.escaped(feature.name())).raw("</td><td");
            html.raw(feature.drifted() ? " class=\"bad\">" : ">").raw(state).raw("</td>");
            for (var cell : List.of(
                    feature.test() == null ? "–" : feature.test(),
                    number(feature.statistic()),
                    number(feature.threshold()),
                    number(feature.pValue()),
                    summary(column.reference()),
                    summary(column.current()),
                    feature.note() == null ? "" : feature.note())) {
                html.raw("<td>").raw(Html.escaped(cell)).raw("</td>");
            }
            html.raw("</tr>\n");
        }
        html.raw("</table>\n");
    }

    private static String number(Double value) {
        return value == null ? "–" : Words.number(value);
    }

    private static String summary(Sketch sketch) {
        return switch (sketch) {
            case null -> "–";
            case NumberSketch numbers ->
                (numbers.finite() == 0
                                ? "no numbers"
                                : "mean %s, σ %s"
                                        .formatted(
                                                Words.number(numbers.mean()),
                                                Double.isFinite(numbers.standardDeviation())
                                                        ? Words.number(numbers.standardDeviation())
                                                        : "–"))
                        + missing(numbers);
            case CategorySketch categories ->
                "%d values".formatted(Math.round(categories.distinct())) + missing(categories);
        };
    }

    private static String missing(Sketch sketch) {
        return sketch.missing() == 0
                ? ""
                : ", " + Words.percent((double) sketch.missing() / sketch.count()) + " missing";
    }

    private static void draw(Html html, Column column) {
        if (column.reference() instanceof NumberSketch before && column.current() instanceof NumberSketch now) {
            if (before.finite() > 0 && now.finite() > 0) {
                html.raw(numbers(column.name(), before, now)).raw("<br>\n");
            }
        } else if (column.reference() instanceof CategorySketch before
                && column.current() instanceof CategorySketch now) {
            html.raw(Distributions.values(column.name(), values(before, now))).raw("<br>\n");
        }
    }

    private static String numbers(String name, NumberSketch before, NumberSketch now) {
        var few = before.distinct().flatMap(one -> now.distinct().map(other -> values(one, before, other, now)));
        if (few.isPresent()) {
            return Distributions.values(name, few.get());
        }
        var from = Math.min(before.quantile(TAIL), now.quantile(TAIL));
        var to = Math.max(before.quantile(1 - TAIL), now.quantile(1 - TAIL));
        return Distributions.spans(name, from, to, spans(before, from, to), spans(now, from, to));
    }

    private static double[] spans(NumberSketch numbers, double from, double to) {
        var shares = new double[SPANS];
        double last = 0;
        for (int i = 0; i < SPANS; i++) {
            // Halves, because the difference of two numbers may be more than a double holds.
            var end = from + 2 * ((to / 2 - from / 2) * ((i + 1.0) / SPANS));
            var rank = numbers.rank(end);
            shares[i] = Math.max(0, rank - last);
            last = rank;
        }
        return shares;
    }

    private static List<Share> values(
            SortedMap<Double, Long> before, NumberSketch reference, SortedMap<Double, Long> now, NumberSketch current) {
        var all = new TreeSet<>(before.keySet());
        all.addAll(now.keySet());
        return mostFrequent(all.stream()
                .map(value -> new Share(
                        Words.number(value),
                        (double) before.getOrDefault(value, 0L) / reference.finite(),
                        (double) now.getOrDefault(value, 0L) / current.finite()))
                .toList());
    }

    private static List<Share> values(CategorySketch reference, CategorySketch current) {
        var before = categories(reference);
        var now = categories(current);
        var all = new LinkedHashSet<>(before.keySet());
        all.addAll(now.keySet());
        return mostFrequent(all.stream()
                .map(name -> new Share(name, before.getOrDefault(name, 0.0), now.getOrDefault(name, 0.0)))
                .toList());
    }

    private static Map<String, Double> categories(CategorySketch sketch) {
        var shares = new LinkedHashMap<String, Double>();
        var counted = Math.max(1, sketch.count() - sketch.missing());
        sketch.top(Integer.MAX_VALUE).forEach(one -> shares.put(one.value(), (double) one.lowerBound() / counted));
        return shares;
    }

    /** Of many values those that are most frequent before or now, in their order. */
    private static List<Share> mostFrequent(List<Share> shares) {
        var most = shares.stream()
                .sorted(Comparator.comparingDouble((Share share) -> Math.max(share.reference(), share.current()))
                        .reversed())
                .limit(MOST_VALUES)
                .collect(Collectors.toSet());
        return shares.stream().filter(most::contains).toList();
    }

    private void addAnswers(Html html) {
        if (plan.prediction() == null) {
            return;
        }
        html.heading("Predictions");
        addTable(html, answers);
        answers.stream().limit(MOST_DRAWN).forEach(column -> draw(html, column));
    }

    private void addPerformance(Html html) {
        if (found.performance().isEmpty()) {
            return;
        }
        html.heading("Performance");
        html.raw("<table><tr><th>metric</th><th>found</th><th>predictions with a label</th><th>remark</th></tr>\n");
        for (var metric : found.performance()) {
            html.raw("<tr><td>").raw(Html.escaped(metric.metric())).raw("</td>");
            html.raw("<td class=\"" + (metric.breached() ? "bad" : "") + "\">" + number(metric.value()) + "</td>");
            html.raw("<td>" + metric.samples() + "</td><td>")
                    .raw(Html.escaped(metric.note() == null ? "" : metric.note()))
                    .raw("</td></tr>\n");
        }
        html.raw("</table>\n");
    }

    private void addService(Html html) {
        var service = found.service();
        if (service == null) {
            return;
        }
        html.heading("Service");
        html.table(
                List.of("requests", "requests/s", "p99", "error rate"),
                List.of(List.of(
                        String.valueOf(service.requests()),
                        number(service.requestsPerSecond()),
                        service.p99Millis() == null ? "–" : number(service.p99Millis()) + " ms",
                        number(service.errorRate()))));
    }

    private void addQuality(Html html) {
        if (found.quality() == null || found.quality().violations() == 0) {
            return;
        }
        html.heading("Quality");
        found.quality().first().forEach(html::paragraph);
    }

    private void addDamaged(Html html) {
        if (damaged.isEmpty()) {
            return;
        }
        html.heading("Panes that can't be read");
        damaged.stream().limit(MOST_DAMAGED).forEach(html::paragraph);
    }

    private void addHistory(Html html) {
        var all = new ArrayList<>(before);
        all.add(found);
        if (all.size() < 2) {
            return;
        }
        html.heading("History");
        if (plan.data() != null) {
            draw(
                    html,
                    "share of drifted features",
                    all,
                    one -> Optional.ofNullable(one.driftedShare()),
                    plan.data().share());
        }
        if (plan.prediction() != null) {
            draw(
                    html,
                    "prediction",
                    all,
                    one -> Optional.ofNullable(one.prediction()).map(DriftEvaluated.Feature::statistic),
                    found.prediction() == null
                                    || found.prediction().pValue() != null
                                    || found.prediction().threshold() == null
                            ? Double.NaN
                            : found.prediction().threshold());
        }
        for (var metric : found.performance()) {
            draw(
                    html,
                    metric.metric(),
                    all,
                    one -> one.performance().stream()
                            .filter(other -> other.metric().equals(metric.metric()) && other.value() != null)
                            .map(DriftEvaluated.Performance::value)
                            .findFirst(),
                    Double.NaN);
        }
        html.raw("<table><tr><th>up to</th><th>rows</th><th>drifted</th>");
        for (var breach : Breach.values()) {
            html.raw("<th>" + breach + "</th>");
        }
        html.raw("</tr>\n");
        for (var one : all.reversed()) {
            html.raw("<tr><td>" + one.window().end() + "</td><td>" + one.samples() + "</td><td>")
                    .raw(Html.escaped(one.drifted() == null ? "–" : one.drifted()))
                    .raw("</td>");
            for (var breach : Breach.values()) {
                html.raw(one.verdict(breach)
                        .map(verdict ->
                                "<td class=\"" + className(verdict.verdict()) + "\">" + verdict.verdict() + "</td>")
                        .orElse("<td></td>"));
            }
            html.raw("</tr>\n");
        }
        html.raw("</table>\n");
    }

    private static void draw(
            Html html,
            String title,
            List<DriftEvaluated> all,
            Function<DriftEvaluated, Optional<Double>> figure,
            double bound) {
        var values = all.stream()
                .mapToDouble(one -> figure.apply(one).orElse(Double.NaN))
                .toArray();
        html.raw(Distributions.history(title, values, bound)).raw("<br>\n");
    }
}
