package dev.tatara.steps.report;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A page put together piece by piece; what comes from outside gets in as text alone. It is one file without scripts and
 * without anything from elsewhere.
 */
public final class Html {
    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
            h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #ddd; }
            table { border-collapse: collapse; margin: .5rem 0; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
            th { border-bottom: 1px solid #999; font-weight: 600; } svg text { font: 12px system-ui, sans-serif; }
            svg { max-width: 100%; height: auto; } .bad { color: #a93226; } .good { color: #1e7145; } code { font-size: .85em; word-break: break-all; }
            """;

    private final StringBuilder out = new StringBuilder();

    /** The beginning of a page. */
    public Html(String title) {
        raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width\"><title>")
                .raw(escaped(title))
                .raw("</title>\n<style>\n" + STYLE + "</style></head><body>\n<h1>")
                .raw(escaped(title))
                .raw("</h1>\n");
    }

    /** Text as it stands between tags and in quoted attributes. */
    public static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A number in few digits. */
    public static String number(double value) {
        return String.format(
                        Locale.ROOT,
                        Math.abs(value) >= 1e6 || (value != 0 && Math.abs(value) < 1e-3) ? "%.3e" : "%.4f",
                        value)
                .replaceAll("(\\.\\d*?)0+$", "$1")
                .replaceAll("\\.$", "");
    }

    /** A share, 0 to 1, in hundredths. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    /** Markup that was made here. */
    public Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** A heading below the page's. */
    public Html heading(String text) {
        return raw("<h2>").raw(escaped(text)).raw("</h2>\n");
    }

    /** A paragraph of text. */
    public Html paragraph(String text) {
        return raw("<p>").raw(escaped(text)).raw("</p>\n");
    }

    /** A table; the first cell of a row is its name. */
    public Html table(List<String> head, List<List<String>> rows) {
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

    /** The whole page. */
    public byte[] page() {
        return (out + "</body></html>\n").getBytes(StandardCharsets.UTF_8);
    }
}
