package dev.tatara.steps.materialize;

import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rows that a run takes. With a column for the time of creation, a row is taken by the later of event time and time
 * of creation, the moment from which it could be known: so rows that come late are taken when they come.
 *
 * @param start inclusive; nothing: all rows from the beginning
 * @param end inclusive
 * @param by columns of times, the latest of which counts
 * @param replaces whether the rows take the place of all earlier ones
 */
record Interval(Optional<Instant> start, Instant end, List<String> by, boolean replaces) {

    /** How much a run was told to take. */
    record Wanted(Optional<Instant> start, Instant end, boolean full) {}

    /**
     * The interval of a run.
     *
     * @param current the current snapshot, where there is one
     */
    static Interval of(ViewPlan view, Wanted wanted, Optional<FeatureSnapshot> current) {
        var byEvent = List.of(view.eventTime());
        var byKnown = Stream.concat(byEvent.stream(), view.created().stream()).toList();
        var base = current.filter(snapshot -> snapshot.specSha256().equals(view.sha256()));
        if (wanted.full() || view.full() || (base.isEmpty() && current.isPresent())) {
            return new Interval(Optional.empty(), wanted.end(), byKnown, true);
        }
        if (wanted.start().isPresent()) {
            return new Interval(wanted.start(), wanted.end(), byEvent, false);
        }
        if (base.isEmpty() || base.get().watermark() == null) {
            var start = Optional.of(view.ttl()).filter(ttl -> !ttl.isZero()).map(ttl -> wanted.end()
                    .minus(ttl));
            return new Interval(start, wanted.end(), byKnown, false);
        }
        var snapshot = base.get();
        if (snapshot.intervalEnd().equals(wanted.end())) {
            // This very run wrote it and didn't get to its end: it takes the same rows again.
            return new Interval(Optional.ofNullable(snapshot.intervalStart()), wanted.end(), byKnown, false);
        }
        var last = view.created().isPresent() ? snapshot.intervalEnd() : snapshot.watermark();
        return new Interval(Optional.of(last.minus(view.lookback())), wanted.end(), byKnown, false);
    }

    /** The condition in SQL on columns of times. Rows without an event time meet it, so that they aren't lost. */
    String condition() {
        var known = by.size() == 1 ? Sql.name(by.getFirst()) : "greatest(" + Sql.names(by) + ")";
        return condition(known, Sql.name(by.getFirst()));
    }

    /** The same where the times are expressions. */
    String condition(String known, String eventTime) {
        var parts = new ArrayList<String>();
        parts.add(known + " <= " + Micros.sql(end));
        start.ifPresent(from -> parts.add(known + " >= " + Micros.sql(from)));
        return "((" + String.join(" and ", parts) + ") or " + eventTime + " is null)";
    }

    /** What stands for the start where a source is asked for rows from then on. */
    Instant startOrEpoch() {
        return start.orElse(Instant.EPOCH);
    }
}
