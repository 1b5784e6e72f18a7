package dev.tatara.steps.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.drift.Comparison;
import dev.tatara.statistics.drift.Unit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What differs, for people. */
final class Words {
    private static final int MOST_CATEGORIES = 50;
    private static final int LONGEST_CATEGORY = 40;

    private Words() {}

    /** A number in three or four digits. */
    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return String.valueOf((long) value);
        }
        var size = Math.abs(value);
        if (size >= 1e6 || size < 1e-3) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        return String.format(
                Locale.ROOT, size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f", value);
    }

    /** A share, 0 to 1, in hundredths. */
    static String percent(double share) {
        return number(share * 100) + " %";
    }

    /** {@code spend_30d moved by 0.41 (PSI, bound 0.2): mean 12.3 → 18.9}. */
    static String comparison(String name, Comparison found, Sketch reference, Sketch current) {
        if (found.method() == null) {
            return name + ": " + found.text();
        }
        var words = found.bound().unit() == Unit.PValue
                ? "%s differs with p %s (%s, bound %s)"
                        .formatted(name, number(found.pValue()), found.method(), number(found.threshold()))
                : "%s moved by %s (%s, bound %s%s)"
                        .formatted(
                                name,
                                number(found.statistic()),
                                found.method(),
                                number(found.bound().value()),
                                found.critical() > found.bound().value()
                                        ? "; " + number(found.critical()) + " with what samples and sketches may be off"
                                        : "");
        return words + change(reference, current).map(change -> ": " + change).orElse("");
    }

    /** What changed most; nothing where there is nothing to say. */
    static Optional<String> change(Sketch reference, Sketch current) {
        if (reference instanceof NumberSketch before && current instanceof NumberSketch now) {
            return before.finite() == 0 || now.finite() == 0
                    ? Optional.empty()
                    : Optional.of("mean %s → %s".formatted(number(before.mean()), number(now.mean())));
        }
        return reference instanceof CategorySketch before && current instanceof CategorySketch now
                ? change(before, now)
                : Optional.empty();
    }

    private static Optional<String> change(CategorySketch reference, CategorySketch current) {
        var before = shares(reference);
        var now = shares(current);
        String most = null;
        double difference = 0;
        for (var category : now.keySet()) {
            var change = Math.abs(now.get(category) - before.getOrDefault(category, 0.0));
            if (change > difference) {
                difference = change;
                most = category;
            }
        }
        for (var category : before.keySet()) {
            var change = Math.abs(now.getOrDefault(category, 0.0) - before.get(category));
            if (change > difference) {
                difference = change;
                most = category;
            }
        }
        return most == null
                ? Optional.empty()
                : Optional.of("“%s” %s → %s"
                        .formatted(
                                shortened(most),
                                percent(before.getOrDefault(most, 0.0)),
                                percent(now.getOrDefault(most, 0.0))));
    }

    private static Map<String, Double> shares(CategorySketch sketch) {
        var shares = new HashMap<String, Double>();
        var counted = Math.max(1, sketch.count() - sketch.missing());
        for (var frequency : sketch.top(MOST_CATEGORIES)) {
            shares.put(frequency.value(), (double) frequency.lowerBound() / counted);
        }
        return shares;
    }

    static String shortened(String text) {
        return text.length() <= LONGEST_CATEGORY ? text : text.substring(0, LONGEST_CATEGORY - 1) + "…";
    }
}
