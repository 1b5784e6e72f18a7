package dev.tatara.api.v1alpha1.common;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What an absent list or map is: an empty one. Elements that couldn't be read (see {@link ApiEnum}) are absent too. */
public final class Absent {
    private Absent() {}

    /** An unmodifiable copy without nulls; empty where there was none. */
    public static <T> List<T> orCopy(List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }

    /** An unmodifiable copy in the same order, without nulls; empty where there was none. */
    public static <V> Map<String, V> orCopy(Map<String, V> map) {
        if (map == null) {
            return Map.of();
        }
        Map<String, V> copy = new LinkedHashMap<>(map);
        copy.values().removeIf(Objects::isNull);
        return Collections.unmodifiableMap(copy);
    }
}
