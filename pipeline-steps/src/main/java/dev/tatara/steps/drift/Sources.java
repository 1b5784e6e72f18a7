package dev.tatara.steps.drift;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a roll-up was made of: whoever finds one of these beside it knows that it is counted already.
 *
 * @param names of the panes in an hour, of the hours in a day
 * @param pods that wrote the panes
 * @param ended processes (pod and boot id) that ended in order, each with its last pane
 */
record Sources(SortedSet<String> names, SortedSet<String> pods, SortedSet<String> ended) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final int MOST_NAMES = 1_000_000;

    Sources {
        names = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(names));
        pods = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(pods));
        ended = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(ended));
    }

    boolean have(Piece piece) {
        return names.contains(piece.name());
    }

    /**
     * As it is written: numbers at the ends of names are put together, so that an hour of a pod is
     * {@code "flowers-x2x4k-0f3c6a91b2d4": "0-59"}.
     */
    private record Written(Map<String, String> names, List<String> pods, List<String> ended) {}

    byte[] toJson() {
        try {
            return JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsBytes(new Written(spans(names), List.copyOf(pods), List.copyOf(ended)));
        } catch (IOException e) {
            throw new IllegalStateException("sources must be writable as JSON", e);
        }
    }

    static Sources fromJson(byte[] json) throws IOException {
        var written = JSON.readValue(json, Written.class);
        if (written == null || written.names == null || written.pods == null || written.ended == null) {
            throw new IOException("expected names, pods and ended");
        }
        var names = new TreeSet<String>();
        for (var entry : written.names.entrySet()) {
            expand(entry.getKey(), entry.getValue(), names);
        }
        return new Sources(names, new TreeSet<>(written.pods), new TreeSet<>(written.ended));
    }

    private static SortedMap<String, String> spans(Collection<String> names) {
        var numbers = new TreeMap<String, List<Long>>();
        for (var name : names) {
            var dash = name.lastIndexOf('-');
            numbers.computeIfAbsent(name.substring(0, dash), any -> new ArrayList<>())
                    .add(Long.valueOf(name.substring(dash + 1)));
        }
        var spans = new TreeMap<String, String>();
        numbers.forEach(
                (prefix, all) -> spans.put(prefix, spans(all.stream().sorted().toList())));
        return spans;
    }

    private static String spans(List<Long> sorted) {
        var text = new StringBuilder();
        for (int i = 0; i < sorted.size(); ) {
            int end = i;
            while (end + 1 < sorted.size() && sorted.get(end + 1) == sorted.get(end) + 1) {
                end++;
            }
            text.append(text.isEmpty() ? "" : ",").append(sorted.get(i));
            if (end > i) {
                text.append('-').append(sorted.get(end));
            }
            i = end + 1;
        }
        return text.toString();
    }

    private static void expand(String prefix, String spans, Collection<String> into) throws IOException {
        for (var span : spans.split(",", -1)) {
            var ends = span.split("-", -1);
            try {
                var first = Long.parseLong(ends[0]);
                var last = ends.length == 1 ? first : Long.parseLong(ends[1]);
                if (ends.length > 2 || first > last || last - first >= MOST_NAMES - into.size()) {
                    throw new IOException("expected numbers such as 0-59,61, found " + spans);
                }
                for (var number = first; number <= last; number++) {
                    into.add(prefix + "-" + number);
                }
            } catch (NumberFormatException e) {
                throw new IOException("expected numbers such as 0-59,61, found " + spans, e);
            }
        }
    }
}
