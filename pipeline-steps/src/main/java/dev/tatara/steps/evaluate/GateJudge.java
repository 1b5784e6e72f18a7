package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.trainingjob.Evaluation.Gate;
import dev.tatara.contracts.GateVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Says of each gate whether it holds. All gates are judged, whatever the others say; a bound is the last good value; what
 * is no number never holds.
 */
final class GateJudge {
    private static final int MOST_SLICES = 20;

    private final Measured measured;

    GateJudge(Measured measured) {
        this.measured = measured;
    }

    List<GateVerdict> judge(List<Gate> gates) {
        return gates.stream().flatMap(gate -> judge(gate).stream()).toList();
    }

    private List<GateVerdict> judge(Gate gate) {
        if (gate.leakage() != null) {
            return List.of(leakage(gate.leakage().maxCorrelation()));
        }
        if (gate.classRate() != null) {
            var max = gate.classRate().maxDeviation();
            return List.of(verdict(
                    "classRate deviation <= " + shown(max), "classRate", null, measured.classRate(), null, max, null));
        }
        if (gate.slice() != null) {
            return slices(gate);
        }
        var name = name(gate);
        if (name.equals(Wanted.STABILITY)) {
            var noise = Wanted.noise(gate);
            var text = "stability under noise of " + shown(noise) + bounds(gate.min(), gate.max());
            return List.of(verdict(text, name, null, measured.stability().get(noise), gate.min(), gate.max(), null));
        }
        return List.of(metric(gate, name, null, measured.metrics(), other(gate)));
    }

    private static String name(Gate gate) {
        return Metric.of(gate.metric()).map(Metric::word).orElse(gate.metric());
    }

    private Map<String, Figure> other(Gate gate) {
        var compared = gate.notWorseThan() == null ? null : measured.compared().get(gate.notWorseThan());
        return compared == null ? null : compared.metrics();
    }

    private GateVerdict leakage(double max) {
        var text = "correlation of a feature with the label <= " + shown(max);
        if (measured.leakage().isEmpty()) {
            return verdict(
                    text,
                    "leakage",
                    null,
                    Figure.none(
                            "no feature has a correlation with the label: they are all constant or texts of many values"),
                    null,
                    max,
                    null);
        }
        var worst = measured.leakage().getFirst();
        var tooMuch = measured.leakage().stream()
                .filter(correlation -> correlation.value() > max)
                .map(correlation -> correlation.feature() + " (" + shown(correlation.value()) + ")")
                .limit(MOST_SLICES)
                .toList();
        return verdict(
                text,
                "leakage",
                null,
                new Figure(worst.value(), null),
                null,
                max,
                "the label can be read from %s: leave out what isn't known when a prediction is made, or raise maxCorrelation"
                        .formatted(String.join(", ", tooMuch)));
    }

    /** One verdict for each slice in which the gate doesn't hold; where it holds in all, one for the worst of them. */
    private List<GateVerdict> slices(Gate gate) {
        var name = name(gate);
        var column = gate.slice();
        var slices = measured.slices().getOrDefault(column, Map.of());
        if (slices.isEmpty()) {
            return List.of(verdict(
                    name + " by " + column + bounds(gate.min(), gate.max()),
                    name,
                    column,
                    Figure.none("column " + column + " has no values in the test data"),
                    gate.min(),
                    gate.max(),
                    null));
        }
        var all = new ArrayList<GateVerdict>();
        slices.forEach((value, slice) -> {
            var compared =
                    gate.notWorseThan() == null ? null : measured.compared().get(gate.notWorseThan());
            var others = compared == null
                    ? null
                    : compared.slices().getOrDefault(column, Map.of()).get(value);
            all.add(metric(
                    gate, name, column + "=" + value, slice.metrics(), others == null ? null : others.metrics()));
        });
        var failed = all.stream().filter(verdict -> !verdict.holds()).toList();
        if (!failed.isEmpty()) {
            return failed.subList(0, Math.min(failed.size(), MOST_SLICES));
        }
        return List.of(all.stream()
                .min((one, two) -> Double.compare(room(one), room(two)))
                .orElseThrow());
    }

    private static double room(GateVerdict verdict) {
        if (verdict.value() == null) {
            return Double.POSITIVE_INFINITY;
        }
        var above = verdict.min() == null ? Double.POSITIVE_INFINITY : verdict.value() - verdict.min();
        var below = verdict.max() == null ? Double.POSITIVE_INFINITY : verdict.max() - verdict.value();
        return Math.min(above, below);
    }

    private static GateVerdict metric(
            Gate gate, String name, String slice, Map<String, Figure> figures, Map<String, Figure> others) {
        var figure = figures.getOrDefault(name, Figure.none("it wasn't measured"));
        var min = gate.min();
        var max = gate.max();
        var where = slice == null ? "" : " where " + slice;
        var text = new StringBuilder(name + where + bounds(min, max));
        if (gate.notWorseThan() == null) {
            return verdict(text.toString(), name, slice, figure, min, max, null);
        }
        var tolerance = gate.tolerance() == null ? 0 : gate.tolerance();
        text.append(min == null && max == null ? "" : ",")
                .append(" not worse than ")
                .append(gate.notWorseThan());
        text.append(tolerance > 0 ? " by more than " + shown(tolerance) : "");
        if (others == null) {
            // The first version of a model has nothing to be worse than.
            var verdict = verdict(text.toString(), name, slice, figure, min, max, null);
            return verdict.holds()
                    ? with(verdict, "there is no version in " + gate.notWorseThan() + " to compare with")
                    : verdict;
        }
        var other = others.getOrDefault(name, Figure.none("it wasn't measured"));
        if (!other.isNumber()) {
            var verdict = verdict(text.toString(), name, slice, figure, min, max, null);
            return verdict.holds()
                    ? new GateVerdict(
                            verdict.gate(),
                            name,
                            slice,
                            verdict.value(),
                            min,
                            max,
                            false,
                            null,
                            "the version in %s has no %s on these rows: %s"
                                    .formatted(gate.notWorseThan(), name, other.why()))
                    : verdict;
        }
        var moreIsBetter = Metric.of(name).map(Metric::moreIsBetter).orElse(true);
        text.append(" (").append(shown(other.value())).append(')');
        if (moreIsBetter) {
            var least = other.value() - tolerance;
            min = min == null ? least : Math.max(min, least);
        } else {
            var most = other.value() + tolerance;
            max = max == null ? most : Math.min(max, most);
        }
        return verdict(text.toString(), name, slice, figure, min, max, null);
    }

    private static GateVerdict with(GateVerdict verdict, String remark) {
        return new GateVerdict(
                verdict.gate(),
                verdict.metric(),
                verdict.slice(),
                verdict.value(),
                verdict.min(),
                verdict.max(),
                verdict.holds(),
                verdict.missedBy(),
                verdict.reason() == null ? remark : verdict.reason());
    }

    /**
     * @param advice what to do where the value is beyond its bound; null for the numbers alone
     */
    private static GateVerdict verdict(
            String text, String metric, String slice, Figure figure, Double min, Double max, String advice) {
        if (figure == null || !figure.isNumber()) {
            var why = figure == null ? "it wasn't measured" : figure.why();
            return new GateVerdict(text, metric, slice, null, min, max, false, null, metric + " has no value: " + why);
        }
        double value = figure.value();
        var missedBy = Math.max(min == null ? 0 : min - value, max == null ? 0 : value - max);
        if (missedBy <= 0) {
            return new GateVerdict(text, metric, slice, value, min, max, true, null, null);
        }
        var numbers = min != null && value < min
                ? "found %s, expected at least %s: %s too little".formatted(shown(value), shown(min), shown(missedBy))
                : "found %s, expected at most %s: %s too much".formatted(shown(value), shown(max), shown(missedBy));
        return new GateVerdict(
                text,
                metric,
                slice,
                value,
                min,
                max,
                false,
                missedBy,
                advice == null ? numbers : numbers + "; " + advice);
    }

    private static String bounds(Double min, Double max) {
        return (min == null ? "" : " >= " + shown(min))
                + (min != null && max != null ? " and" : "")
                + (max == null ? "" : " <= " + shown(max));
    }

    /** Six digits, so that a value just beyond its bound doesn't look like the bound. */
    static String shown(double value) {
        var text = String.format(Locale.ROOT, "%.6g", value);
        if (text.contains("e")) {
            return text;
        }
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
