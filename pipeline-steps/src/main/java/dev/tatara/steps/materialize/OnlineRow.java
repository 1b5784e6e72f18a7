package dev.tatara.steps.materialize;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The newest row of a key. Values are Java's: {@code byte[]} for BYTES, String, Integer for INT32, Long for INT64,
 * Float, Double, Boolean, Instant for UNIX_TIMESTAMP, a List of these for lists; {@code null} where a feature is absent.
 *
 * @param keys values of the join keys, in the order of {@link ViewPlan#keys()}
 * @param eventTime its time
 * @param values values of the features, in the order of {@link ViewPlan#features()}
 */
public record OnlineRow(List<Object> keys, Instant eventTime, List<Object> values) {
    public OnlineRow {
        keys = List.copyOf(keys);
        values = Collections.unmodifiableList(new ArrayList<>(values));
    }
}
