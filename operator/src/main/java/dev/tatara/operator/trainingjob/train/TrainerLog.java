package dev.tatara.operator.trainingjob.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a trainer's output says of its progress: pairs {@code name=value} anywhere in a line, as Katib reads them.
 * {@code progress=0.42} or {@code progress=42%} says how far it is, {@code step=} or {@code epoch=} where the values of
 * the same line belong.
 *
 * @param progressPercent 0 to 100; {@code null} while it says nothing
 * @param metrics last value by name, finite numbers only; at most {@value #MAX_NAMES} names
 * @param notNumbers names whose last value was NaN or infinite
 * @param ignored values that were NaN or infinite
 * @param metric name of the metric whose values are kept; {@code null} for none
 * @param curve values of that metric in the order of the lines, at most {@value #MAX_POINTS}
 * @param isWhole whether no lines are missing between the first and the last
 */
public record TrainerLog(
        Integer progressPercent,
        Map<String, Double> metrics,
        Set<String> notNumbers,
        long ignored,
        String metric,
        List<Point> curve,
        boolean isWhole) {
    static final int MAX_NAMES = 64;
    static final int MAX_POINTS = 2_000;
    static final int MAX_LINE = 4_096;

    private static final double MAX_STEP = 1e15;
    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;]{0,32}[A-Za-z]");

    public TrainerLog {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        notNumbers = Collections.unmodifiableSet(new LinkedHashSet<>(notNumbers));
        curve = List.copyOf(curve);
    }

    /**
     * A value of the metric.
     *
     * @param step where it belongs, as the trainer says; how many came before where it doesn't
     * @param value NaN where the trainer said so
     */
    public record Point(long step, double value) {}

    /** A log of which nothing has been read yet. */
    public static TrainerLog about(String metric) {
        return new TrainerLog(null, Map.of(), Set.of(), 0, metric, List.of(), true);
    }

    /** Reads a piece of a log; no curve is kept. */
    public static TrainerLog read(String text) {
        return about(null).with(text);
    }

    /** The values of the metric, in order. */
    public List<Double> reports() {
        return curve.stream().map(Point::value).toList();
    }

    /** The same with further lines. Of a line only the first {@value #MAX_LINE} characters count. */
    public TrainerLog with(String output) {
        var reading = new Reading(this);
        var text = COLOURS.matcher(output).replaceAll("");
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            reading.line(text, start, Math.min(end, start + MAX_LINE));
            start = end + 1;
        }
        return reading.result();
    }

    /** The same, when lines between what was read and what comes next were missed. */
    public TrainerLog withGap() {
        return new TrainerLog(progressPercent, metrics, notNumbers, ignored, metric, curve, false);
    }

    private static final class Reading {
        private final String metric;
        private final boolean isWhole;
        private final Map<String, Double> metrics;
        private final Set<String> notNumbers;
        private final List<Point> curve;
        private Integer progressPercent;
        private long ignored;

        Reading(TrainerLog before) {
            metric = before.metric;
            isWhole = before.isWhole;
            metrics = new LinkedHashMap<>(before.metrics);
            notNumbers = new LinkedHashSet<>(before.notNumbers);
            curve = new ArrayList<>(before.curve);
            progressPercent = before.progressPercent;
            ignored = before.ignored;
        }

        TrainerLog result() {
            return new TrainerLog(progressPercent, metrics, notNumbers, ignored, metric, curve, isWhole);
        }

        void line(String text, int from, int to) {
            Long step = null;
            Double value = null;
            for (var pair : PairReader.pairs(text, from, to)) {
                switch (pair.name().toLowerCase(Locale.ROOT)) {
                    case "progress" -> progress(pair);
                    case "step" -> step = stepOr(step, pair);
                    case "epoch" -> step = step == null ? stepOr(null, pair) : step;
                    default -> metric(pair);
                }
                if (pair.name().equals(metric)) {
                    value = pair.value();
                }
            }
            if (value != null) {
                report(step, Double.isFinite(value) ? value : Double.NaN);
            }
        }

        private void progress(PairReader.Pair pair) {
            if (!Double.isFinite(pair.value())) {
                ignored++;
                return;
            }
            // 1 is the end, unless it is one percent.
            var percent = pair.isPercent() || pair.value() > 1 ? pair.value() : 100 * pair.value();
            progressPercent = (int) Math.clamp(percent, 0, 100);
        }

        private static Long stepOr(Long before, PairReader.Pair pair) {
            var isWhole = Double.isFinite(pair.value()) && pair.value() >= 0 && pair.value() < MAX_STEP;
            return isWhole ? Long.valueOf((long) pair.value()) : before;
        }

        private void metric(PairReader.Pair pair) {
            if (!metrics.containsKey(pair.name())
                    && !notNumbers.contains(pair.name())
                    && !pair.name().equals(metric)
                    && metrics.size() + notNumbers.size() >= MAX_NAMES) {
                return;
            }
            if (Double.isFinite(pair.value())) {
                metrics.put(pair.name(), pair.value());
                notNumbers.remove(pair.name());
            } else {
                ignored++;
                metrics.remove(pair.name());
                notNumbers.add(pair.name());
            }
        }

        private void report(Long step, double value) {
            var last = curve.isEmpty() ? null : curve.getLast();
            if (last != null && step != null && last.step() == step) {
                curve.set(curve.size() - 1, new Point(step, value));
            } else if (curve.size() < MAX_POINTS) {
                curve.add(new Point(step == null ? curve.size() : step, value));
            }
        }
    }
}
