package dev.tatara.mlflow;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What MLflow takes in one call and in one field. */
public final class Limits {
    /** Metrics of one call. */
    public static final int METRICS = 1000;
    /** Parameters of one call. */
    public static final int PARAMS = 100;
    /** Tags of one call. */
    public static final int TAGS = 100;
    /** Characters of a name. */
    public static final int NAME = 250;
    /** Characters of a parameter's value. */
    public static final int PARAM_VALUE = 6000;
    /** Characters of a tag's value. */
    public static final int TAG_VALUE = 5000;
    /** Characters of a dataset's digest. */
    public static final int DIGEST = 36;
    /** Runs of one page of a search. */
    static final int PAGE = 200;

    private static final Pattern OTHER_CHARACTER = Pattern.compile("[^\\p{L}\\p{N}_./ -]");

    private Limits() {}

    /**
     * A text as the name of a parameter, a metric or a tag: letters, digits, {@code _ - . /} and blanks, no segment
     * between slashes that is empty or dots alone, at most {@value #NAME} characters. Other characters become {@code _}.
     */
    public static String name(String text) {
        var path = Arrays.stream(OTHER_CHARACTER.matcher(text).replaceAll("_").split("/"))
                .filter(segment -> !segment.matches("\\.{0,2}"))
                .collect(Collectors.joining("/"));
        if (path.isBlank()) {
            return "_";
        }
        return path.length() <= NAME ? path : path.substring(0, NAME);
    }

    /** A text of at most so many characters, an ellipsis where something was left out. */
    public static String cut(String text, int characters) {
        if (text.length() <= characters) {
            return text;
        }
        var end = characters - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
