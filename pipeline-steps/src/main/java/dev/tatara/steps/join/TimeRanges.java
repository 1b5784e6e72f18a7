package dev.tatara.steps.join;

import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.tables.Micros;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where files may have rows for the same time: only there duplicates have to be looked for. */
final class TimeRanges {
    private TimeRanges() {}

    /**
     * A range of event times, both ends inclusive.
     *
     * @param from microseconds since 1970; {@link Long#MIN_VALUE}: without beginning
     * @param to microseconds since 1970; {@link Long#MAX_VALUE}: without end
     */
    record Range(long from, long to) {
        static Range of(DataFile file) {
            return new Range(
                    file.min() == null ? Long.MIN_VALUE : Micros.of(file.min()),
                    file.max() == null ? Long.MAX_VALUE : Micros.of(file.max()));
        }

        boolean meets(Range other) {
            return from <= other.to && other.from <= to;
        }

        private Range common(Range other) {
            return new Range(Math.max(from, other.from), Math.min(to, other.to));
        }
    }

    /** The ranges in which more than one row of the same keys and time may lie, in order and apart from each other. */
    static List<Range> doubtful(List<DataFile> files) {
        var found = new ArrayList<Range>();
        for (var i = 0; i < files.size(); i++) {
            var range = Range.of(files.get(i));
            if (!files.get(i).distinct()) {
                found.add(range);
            }
            for (var earlier : files.subList(0, i)) {
                if (range.meets(Range.of(earlier))) {
                    found.add(range.common(Range.of(earlier)));
                }
            }
        }
        return merged(found);
    }

    private static List<Range> merged(List<Range> ranges) {
        ranges.sort(Comparator.comparingLong(Range::from));
        var merged = new ArrayList<Range>();
        for (var range : ranges) {
            if (!merged.isEmpty() && merged.getLast().meets(range)) {
                var last = merged.removeLast();
                merged.add(new Range(last.from(), Math.max(last.to(), range.to())));
            } else {
                merged.add(range);
            }
        }
        return List.copyOf(merged);
    }
}
