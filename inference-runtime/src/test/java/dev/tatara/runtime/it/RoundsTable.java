package dev.tatara.runtime.it;

import dev.tatara.runtime.it.Rounds.Difference;
import dev.tatara.runtime.it.Rounds.Round;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Settings that were measured by turns, as a table: medians of the rounds, and how far each setting is from one that
 * costs nothing: median, least and most of the rounds, and whether that one measured again was as far away in any of them.
 *
 * @param base what all are compared with
 * @param again the same once more
 */
record RoundsTable(Rounds rounds, String base, String again) {
    /** What a round is looked at for. */
    record Figure(String title, ToDoubleFunction<Round> of, int digits) {
        static final Figure P50 = new Figure("p50, µs", Round::p50, 0);
        static final Figure P99 = new Figure("p99, µs", Round::p99, 0);
        static final Figure RATE = new Figure("requests/s", Round::rate, 0);
        static final Figure CPU = new Figure("CPU µs a request, both pods", Round::cpu, 1);

        private String format(double value) {
            return String.format(Locale.ROOT, "%,." + digits + "f", value);
        }

        private String format(Difference difference) {
            String each = "%+,." + digits + "f";
            return String.format(
                    Locale.ROOT,
                    each + " (" + each + " to " + each + ")",
                    difference.median(),
                    difference.least(),
                    difference.most());
        }
    }

    /** In Markdown. */
    String with(Figure... figures) {
        StringBuilder text = new StringBuilder("| |");
        for (Figure figure : figures) {
            text.append(' ').append(figure.title).append(" | more |");
        }
        text.append("\n| --- |").repeat(" --- | --- |", figures.length).append('\n');
        for (String setting : rounds.settings()) {
            text.append("| ").append(setting).append(" |");
            for (Figure figure : figures) {
                text.append(' ')
                        .append(figure.format(rounds.median(setting, figure.of)))
                        .append(" |")
                        .append(more(setting, figure))
                        .append(" |");
            }
            text.append('\n');
        }
        return text.toString();
    }

    private String more(String setting, Figure figure) {
        if (setting.equals(base)) {
            return "";
        }
        Difference found = rounds.difference(setting, base, figure.of);
        Difference chance = rounds.difference(again, base, figure.of);
        String verdict = setting.equals(again) ? "" : chance.covers(found) ? ", as A/A" : ", beyond A/A";
        return " " + figure.format(found) + verdict;
    }
}
