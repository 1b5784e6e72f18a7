package dev.tatara.steps.report;

import static dev.tatara.steps.report.Html.number;

import java.util.List;
import java.util.Locale;

/** Intervals one after the other: how an estimate becomes sure. */
public final class Intervals {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 200;
    private static final int TOP = 22;
    private static final int SIDE = 10;
    /** Wider intervals than this many of the narrowest are cut off at the edge. */
    private static final double WIDEST = 6;

    private Intervals() {}

    /**
     * What is known at one time.
     *
     * @param estimate NaN where there is none
     * @param low may be −∞
     * @param high may be +∞
     */
    public record Interval(double estimate, double low, double high) {
        boolean isKnown() {
            return Double.isFinite(estimate) && Double.isFinite(low) && Double.isFinite(high);
        }
    }

    /** Each with its estimate, the oldest first, about a line at zero. */
    public static String drawn(String title, List<Interval> intervals) {
        var known = intervals.stream().filter(Interval::isKnown).toList();
        var narrowest =
                known.stream().mapToDouble(one -> one.high - one.low).min().orElse(1);
        var most = known.stream()
                .mapToDouble(one -> Math.max(Math.abs(one.low), Math.abs(one.high)))
                .max()
                .orElse(1);
        var farthest =
                known.stream().mapToDouble(one -> Math.abs(one.estimate)).max().orElse(0);
        var edge = Math.min(most, Math.max(WIDEST * narrowest, farthest));
        edge = edge > 0 ? edge : 1;
        var body =
                new StringBuilder("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#ccc\"/>"
                        .formatted(SIDE, TOP, WIDTH, HEIGHT));
        body.append(line(SIDE, y(0, edge), SIDE + WIDTH, y(0, edge), "stroke=\"#999\" stroke-dasharray=\"4 3\""));
        var width = (double) WIDTH / Math.max(1, intervals.size());
        for (int i = 0; i < intervals.size(); i++) {
            var one = intervals.get(i);
            if (!one.isKnown()) {
                continue;
            }
            var x = SIDE + (i + 0.5) * width;
            var color = one.low > 0 || one.high < 0 ? Plots.COLORS[2] : Plots.COLORS[0];
            body.append(line(x, y(one.low, edge), x, y(one.high, edge), "stroke=\"" + color + "\" stroke-width=\"3\""));
            body.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>",
                    x,
                    y(one.estimate, edge),
                    color));
        }
        body.append(Plots.text(SIDE, 14, "start", title + ", from " + number(-edge) + " to " + number(edge)));
        return Plots.svg(WIDTH + 2 * SIDE, HEIGHT + TOP + 8, title, body.toString());
    }

    private static double y(double value, double edge) {
        return TOP + HEIGHT * (0.5 - Math.clamp(value / edge, -1, 1) / 2);
    }

    private static String line(double fromX, double fromY, double toX, double toY, String style) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>",
                fromX,
                fromY,
                toX,
                toY,
                style);
    }
}
