package dev.tatara.steps.feedback;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.StoreFolder.Entry;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Files of ledger and feedback, which are called by the hour in which they were begun. */
final class HourlyFiles {
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("uuuu-MM-dd/HH").withZone(ZoneOffset.UTC);
    private static final Pattern HOURLY =
            Pattern.compile("([^/]+)/(\\d{4}-\\d{2}-\\d{2}/\\d{2})/[^/]+\\.(parquet|jsonl\\.gz)");
    /** A file goes on a little longer than its hour. */
    private static final Duration LONGEST_FILE = Duration.ofHours(1);

    private final StoreFolder files;
    private final String prefix;

    /**
     * @param kind {@code ledger} or {@code feedback}
     */
    HourlyFiles(StoreFolder files, String kind, String namespace, String service) {
        this.files = files;
        prefix = "%s/%s/%s/".formatted(kind, namespace, service);
    }

    /** Those that may have something of a span of time, by hour, the newest first; of all revisions if none is named. */
    SortedMap<String, List<Entry>> of(List<String> revisions, Instant from, Instant to) throws StepFailure {
        var hours = new TreeMap<String, List<Entry>>(Comparator.reverseOrder());
        var folders = revisions.isEmpty()
                ? List.of(prefix)
                : revisions.stream()
                        .distinct()
                        .map(revision -> prefix + revision + "/")
                        .toList();
        for (var folder : folders) {
            for (var entry : files.list(folder)) {
                var match = HOURLY.matcher(entry.key().substring(prefix.length()));
                if (match.matches() && isWithin(match.group(2), from, to)) {
                    hours.computeIfAbsent(match.group(2), any -> new ArrayList<>())
                            .add(entry);
                }
            }
        }
        return hours;
    }

    private static boolean isWithin(String hour, Instant from, Instant to) {
        return hour.compareTo(HOUR.format(from.minus(LONGEST_FILE))) >= 0 && hour.compareTo(HOUR.format(to)) <= 0;
    }
}
