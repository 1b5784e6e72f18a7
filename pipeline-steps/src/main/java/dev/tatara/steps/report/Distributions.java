package dev.tatara.steps.report;

import static dev.tatara.steps.report.Html.escaped;
import static dev.tatara.steps.report.Html.number;
import static dev.tatara.steps.report.Html.percent;

import java.util.List;
import java.util.Locale;

/** Two distributions over each other: what was, and what is. */
public final class Distributions {
    private static final String REFERENCE = "#7f8c8d";
    private static final String CURRENT = Plots.COLORS[0];
    private static final int WIDTH = 420;
    private static final int HEIGHT = 120;
    private static final int TOP = 22;
    private static final int SIDE = 10;
    private static final int ROW = 26;
    private static final int NAMES = 130;
    private static final int BARS = 200;

    private Distributions() {}

    /** Which color is which. */
    public static String legend() {
        return "<p><span style=\"color:%s\">■</span> reference <span style=\"color:%s\">■</span> now</p>\n"
                .formatted(REFERENCE, CURRENT);
    }

    /**
     * Shares of spans of equal width.
     *
     * @param from lower end of the first
     * @param to upper end of the last
     * @param reference shares, 0 to 1
     * @param current as many
     */
    public static String spans(String title, double from, double to, double[] reference, double[] current) {
        var most = Math.max(most(reference), most(current));
        var body = new StringBuilder();
        body.append(steps(reference, most, "fill=\"%s\" fill-opacity=\"0.45\"".formatted(REFERENCE)));
        body.append(
                steps(current, most, "fill=\"%s\" fill-opacity=\"0.35\" stroke=\"%s\"".formatted(CURRENT, CURRENT)));
        body.append(Plots.text(SIDE, TOP + HEIGHT + 16.0, "start", number(from)));
        body.append(Plots.text(SIDE + WIDTH, TOP + HEIGHT + 16.0, "end", number(to)));
        body.append(Plots.text(SIDE, 14, "start", title + ", up to " + percent(most)));
        return Plots.svg(WIDTH + 2 * SIDE, HEIGHT + TOP + 24, title, body.toString());
    }

    private static double most(double[] shares) {
        return java.util.Arrays.stream(shares).filter(Double::isFinite).max().orElse(0);
    }

    private static String steps(double[] shares, double most, String style) {
        var points = new StringBuilder();
        var width = (double) WIDTH / Math.max(1, shares.length);
        point(points, SIDE, TOP + HEIGHT);
        for (int i = 0; i < shares.length; i++) {
            var height = most > 0 && Double.isFinite(shares[i]) ? shares[i] / most * HEIGHT : 0;
            point(points, SIDE + i * width, TOP + HEIGHT - height);
            point(points, SIDE + (i + 1) * width, TOP + HEIGHT - height);
        }
        point(points, SIDE + WIDTH, TOP + HEIGHT);
        return "<polygon %s points=\"%s\"/>".formatted(style, points.toString().strip());
    }

    private static void point(StringBuilder points, double x, double y) {
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
    }

    /**
     * The share of one value.
     *
     * @param name the value
     * @param reference its share, 0 to 1
     * @param current its share, 0 to 1
     */
    public record Share(String name, double reference, double current) {}

    /** Shares of values, one below the other. */
    public static String values(String title, List<Share> shares) {
        var most = shares.stream()
                .mapToDouble(share -> Math.max(share.reference, share.current))
                .max()
                .orElse(0);
        var body = new StringBuilder(Plots.text(SIDE, 14, "start", title));
        for (int i = 0; i < shares.size(); i++) {
            var share = shares.get(i);
            var y = TOP + i * ROW;
            body.append(Plots.text(NAMES - 8, y + 15.0, "end", Plots.shortened(share.name)));
            body.append(bar(y + 2, share.reference, most, REFERENCE, share.name));
            body.append(bar(y + 12, share.current, most, CURRENT, share.name));
            body.append(Plots.text(
                    NAMES + BARS + 8, y + 15.0, "start", percent(share.reference) + " → " + percent(share.current)));
        }
        return Plots.svg(NAMES + BARS + 140, TOP + Math.max(1, shares.size()) * ROW + 4, title, body.toString());
    }

    private static String bar(int y, double share, double most, String color, String name) {
        return String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"9\" fill=\"%s\"><title>%s</title></rect>",
                NAMES,
                y,
                most > 0 ? share / most * BARS : 0,
                color,
                escaped(name));
    }

    /**
     * A figure of several evaluations, the oldest first.
     *
     * @param values NaN where an evaluation has none
     * @param bound drawn across; NaN for none
     */
    public static String history(String title, double[] values, double bound) {
        var highest = Math.max(most(values), Double.isFinite(bound) ? bound : 0);
        var top = highest > 0 ? highest : 1;
        var body =
                new StringBuilder("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#ccc\"/>"
                        .formatted(SIDE, TOP, WIDTH, HEIGHT));
        if (Double.isFinite(bound)) {
            var y = TOP + HEIGHT - bound / top * HEIGHT;
            body.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"4 3\"/>",
                    SIDE,
                    y,
                    SIDE + WIDTH,
                    y,
                    Plots.COLORS[1]));
        }
        var width = (double) WIDTH / Math.max(1, values.length);
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) {
                body.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>",
                        SIDE + (i + 0.5) * width,
                        TOP + HEIGHT - Math.max(0, values[i]) / top * HEIGHT,
                        Double.isFinite(bound) && values[i] >= bound ? Plots.COLORS[1] : CURRENT));
            }
        }
        body.append(Plots.text(SIDE, 14, "start", title + ", up to " + number(top)));
        return Plots.svg(WIDTH + 2 * SIDE, HEIGHT + TOP + 8, title, body.toString());
    }
}
