package dev.tatara.steps.report;

import static dev.tatara.steps.report.Html.escaped;
import static dev.tatara.steps.report.Html.number;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Plots as inline SVG: readable without scripts, fonts or files from elsewhere. */
public final class Plots {
    private static final int SIZE = 320;
    private static final int MARGIN = 40;
    private static final int BAR = 20;
    private static final int BARS_LEFT = 180;
    private static final int BARS_WIDTH = 260;
    static final String[] COLORS = {
        "#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d35400", "#16a085", "#7f8c8d", "#2c3e50", "#b7950b", "#a93226"
    };

    private Plots() {}

    static String svg(int width, int height, String title, String body) {
        return "<svg role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"><title>%s</title>%s</svg>\n"
                .formatted(width, height, width, height, escaped(title), body);
    }

    static String text(double x, double y, String anchor, String text) {
        return String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escaped(text));
    }

    /** Rows by label (down) and answer (across). */
    public static String confusion(List<String> classes, List<List<Long>> counts) {
        var cell = Math.clamp(560 / Math.max(1, classes.size()), 14, 56);
        var left = 110;
        var body = new StringBuilder();
        for (int row = 0; row < classes.size(); row++) {
            var total = Math.max(
                    1, counts.get(row).stream().mapToLong(Long::longValue).sum());
            body.append(text(left - 6, MARGIN + row * cell + cell / 2.0 + 4, "end", shortened(classes.get(row))));
            for (int column = 0; column < classes.size(); column++) {
                var count = counts.get(row).get(column);
                var share = (double) count / total;
                body.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.3f\" stroke=\"#ddd\"><title>%s answered as %s: %d</title></rect>",
                        left + column * cell,
                        MARGIN + row * cell,
                        cell,
                        cell,
                        row == column ? COLORS[0] : COLORS[1],
                        share,
                        escaped(classes.get(row)),
                        escaped(classes.get(column)),
                        count));
                if (cell >= 24 && count > 0) {
                    body.append(text(
                            left + column * cell + cell / 2.0,
                            MARGIN + row * cell + cell / 2.0 + 4,
                            "middle",
                            String.valueOf(count)));
                }
            }
        }
        for (int column = 0; column < classes.size(); column++) {
            body.append(text(left + column * cell + cell / 2.0, MARGIN - 6, "middle", shortened(classes.get(column))));
        }
        return svg(
                left + classes.size() * cell + 10,
                MARGIN + classes.size() * cell + 10,
                "Confusion matrix: label down, answer across",
                body.toString());
    }

    /** A name that has little room. */
    public static String shortened(String name) {
        return name.length() <= 14 ? name : name.substring(0, 13) + "…";
    }

    /**
     * A line of a plot.
     *
     * @param label what it shows
     * @param points across and up
     */
    public record Line(String label, List<List<Double>> points) {
        public Line {
            points = List.copyOf(points);
        }
    }

    /** Curves of false positives (across) and true positives (up). */
    public static String roc(List<Line> curves) {
        var body = new StringBuilder(frame("false positives", "true positives", 0, 1, 0, 1));
        body.append(line(List.of(List.of(0.0, 0.0), List.of(1.0, 1.0)), "#bbb"));
        for (int i = 0; i < curves.size(); i++) {
            var color = COLORS[i % COLORS.length];
            body.append(line(curves.get(i).points(), color));
            body.append("<g fill=\"" + color + "\">")
                    .append(text(
                            MARGIN + SIZE + 12,
                            MARGIN + 14 + 18.0 * i,
                            "start",
                            curves.get(i).label()))
                    .append("</g>");
        }
        return svg(
                2 * MARGIN + SIZE + 160,
                2 * MARGIN + Math.max(SIZE, 18 * curves.size()),
                "ROC curves",
                body.toString());
    }

    /** A curve in its own scales. */
    public static String curve(String title, String across, List<List<Double>> points) {
        var x = Scale.of(points, 0);
        var y = Scale.of(points, 1);
        var fitted = points.stream()
                .map(point -> List.of(x.fitted(point.get(0)), y.fitted(point.get(1))))
                .toList();
        return svg(
                2 * MARGIN + SIZE,
                2 * MARGIN + SIZE,
                title,
                frame(across, title, x.least(), x.most(), y.least(), y.most()) + line(fitted, COLORS[0]));
    }

    /** From the least to the most of some numbers. */
    private record Scale(double least, double most) {
        static Scale of(List<List<Double>> points, int index) {
            var numbers = points.stream().mapToDouble(point -> point.get(index)).summaryStatistics();
            return numbers.getCount() == 0 ? new Scale(0, 1) : new Scale(numbers.getMin(), numbers.getMax());
        }

        double fitted(double number) {
            // Halves, because the difference of two numbers may be more than a double holds.
            return most > least ? (number / 2 - least / 2) / (most / 2 - least / 2) : 0.5;
        }
    }

    private static String line(List<List<Double>> points, String color) {
        var path = new StringBuilder();
        for (var point : points) {
            path.append(String.format(
                    Locale.ROOT, "%.1f,%.1f ", MARGIN + point.get(0) * SIZE, MARGIN + (1 - point.get(1)) * SIZE));
        }
        return "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>"
                .formatted(color, path.toString().strip());
    }

    private static String frame(String across, String up, double left, double right, double bottom, double top) {
        return "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>"
                        .formatted(MARGIN, MARGIN, SIZE, SIZE)
                + text(MARGIN, MARGIN + SIZE + 16, "start", number(left))
                + text(MARGIN + SIZE, MARGIN + SIZE + 16, "end", number(right))
                + text(MARGIN + SIZE / 2.0, MARGIN + SIZE + 30, "middle", across)
                + text(MARGIN, MARGIN - 8, "start", up + " " + number(bottom) + " to " + number(top));
    }

    /** Labels (across) and answers (up), both in the same scale. */
    public static String scatter(List<List<Double>> answers) {
        var numbers = answers.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        var scale = numbers.getCount() == 0 ? new Scale(0, 1) : new Scale(numbers.getMin(), numbers.getMax());
        var body =
                new StringBuilder(frame("label", "answer", scale.least(), scale.most(), scale.least(), scale.most()));
        body.append(line(List.of(List.of(0.0, 0.0), List.of(1.0, 1.0)), "#bbb"));
        for (var answer : answers) {
            body.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"%s\" fill-opacity=\"0.5\"/>",
                    MARGIN + scale.fitted(answer.get(0)) * SIZE,
                    MARGIN + (1 - scale.fitted(answer.get(1))) * SIZE,
                    COLORS[0]));
        }
        return svg(2 * MARGIN + SIZE, 2 * MARGIN + SIZE, "Answers beside labels", body.toString());
    }

    /** Bars from zero, to the left for what is below it. */
    public static String bars(String title, Map<String, Double> values) {
        var most = values.values().stream().mapToDouble(Math::abs).max().orElse(1);
        var least = Math.min(
                0,
                values.values().stream().mapToDouble(Double::doubleValue).min().orElse(0));
        var highest = Math.max(
                0,
                values.values().stream().mapToDouble(Double::doubleValue).max().orElse(0));
        var span = highest > least ? highest - least : most > 0 ? most : 1;
        var body = new StringBuilder();
        int i = 0;
        for (var value : values.entrySet()) {
            var from = (Math.min(0, value.getValue()) - least) / span * BARS_WIDTH;
            var width = Math.abs(value.getValue()) / span * BARS_WIDTH;
            body.append(text(
                    BARS_LEFT - 8,
                    i * BAR + 14,
                    "end",
                    value.getKey().length() <= 26
                            ? value.getKey()
                            : value.getKey().substring(0, 25) + "…"));
            body.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                    BARS_LEFT + from,
                    i * BAR + 3,
                    width,
                    BAR - 6,
                    value.getValue() < 0 ? COLORS[1] : COLORS[0]));
            body.append(text(BARS_LEFT + BARS_WIDTH + 8, i * BAR + 14, "start", number(value.getValue())));
            i++;
        }
        return svg(BARS_LEFT + BARS_WIDTH + 90, Math.max(1, i) * BAR + 4, title, body.toString());
    }
}
