package dev.tatara.steps.evaluate;

import java.util.List;
import java.util.Locale;

/** HTML put together piece by piece; what comes from outside gets in as text alone. */
final class Html {
    private final StringBuilder out = new StringBuilder();

    /** Text as it stands between tags and in quoted attributes. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A number in few digits. */
    static String number(double value) {
        return String.format(
                        Locale.ROOT,
                        Math.abs(value) >= 1e6 || (value != 0 && Math.abs(value) < 1e-3) ? "%.3e" : "%.4f",
                        value)
                .replaceAll("(\\.\\d*?)0+$", "$1")
                .replaceAll("\\.$", "");
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    /** Markup that was made here. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    Html heading(String text) {
        return raw("<h2>").raw(escaped(text)).raw("</h2>\n");
    }

    Html paragraph(String text) {
        return raw("<p>").raw(escaped(text)).raw("</p>\n");
    }

    /** A table; the first cell of a row is its name. */
    Html table(List<String> head, List<List<String>> rows) {
        raw("<table><tr>");
        head.forEach(cell -> raw("<th>").raw(escaped(cell)).raw("</th>"));
        raw("</tr>\n");
        for (var row : rows) {
            raw("<tr>");
            row.forEach(cell -> raw("<td>").raw(escaped(cell)).raw("</td>"));
            raw("</tr>\n");
        }
        return raw("</table>\n");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
