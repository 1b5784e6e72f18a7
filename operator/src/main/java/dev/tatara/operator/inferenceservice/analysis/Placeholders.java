package dev.tatara.operator.inferenceservice.analysis;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills names into queries that users wrote. */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*(\\w*)\\s*}}");
    /** What names of objects and revisions consist of, so that none can end a string of PromQL. */
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._-]*");

    private Placeholders() {}

    /**
     * The text with every placeholder filled in.
     *
     * @throws IllegalArgumentException naming the placeholders that there are, for one that isn't
     */
    static String fill(String text, Map<String, String> names) {
        return PLACEHOLDER.matcher(text).replaceAll(match -> {
            var value = names.get(match.group(1));
            if (value == null) {
                throw new IllegalArgumentException(match.group() + " stands for nothing; there are "
                        + names.keySet().stream()
                                .sorted()
                                .map(name -> "{{" + name + "}}")
                                .toList());
            }
            if (!HARMLESS.matcher(value).matches()) {
                throw new IllegalArgumentException("\"" + value + "\" can't stand in a query");
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
