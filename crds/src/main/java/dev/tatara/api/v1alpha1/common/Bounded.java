package dev.tatara.api.v1alpha1.common;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what goes into a status within what the schema admits: a status that the server refuses would be written again
 * and again.
 */
public final class Bounded {
    private Bounded() {}

    /** The first elements, at most so many; empty where there was no list. */
    public static <T> List<T> first(List<T> list, int most) {
        List<T> copy = Absent.orCopy(list);
        return copy.size() <= most ? copy : List.copyOf(copy.subList(0, most));
    }

    /** The last elements, at most so many; empty where there was no list. */
    public static <T> List<T> last(List<T> list, int most) {
        List<T> copy = Absent.orCopy(list);
        return copy.size() <= most ? copy : List.copyOf(copy.subList(copy.size() - most, copy.size()));
    }

    /** The text, with an ellipsis in place of what is too much; {@code null} where there was none. */
    public static String text(String text, int most) {
        if (text == null || text.codePointCount(0, text.length()) <= most) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }

    /** The figures that are numbers: JSON has no others. */
    public static Map<String, Double> finite(Map<String, Double> figures) {
        Map<String, Double> copy = new LinkedHashMap<>(Absent.orCopy(figures));
        copy.values().removeIf(figure -> !Double.isFinite(figure));
        return Collections.unmodifiableMap(copy);
    }

    /** The figure, where it is a number. */
    public static Double finite(Double figure) {
        return figure != null && Double.isFinite(figure) ? figure : null;
    }
}
