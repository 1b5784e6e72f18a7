package dev.tatara.steps.materialize;

/** The places in a text that stand for the interval to read. */
final class Template {
    static final String START = "{{start}}";
    static final String END = "{{end}}";

    private Template() {}

    static String filled(String text, String start, String end) {
        return text.replace(START, start).replace(END, end);
    }
}
