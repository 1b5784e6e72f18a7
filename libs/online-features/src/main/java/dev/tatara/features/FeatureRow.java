package dev.tatara.features;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.NoSuchElementException;

/**
 * The features of one entity row, by the indices of its {@link OnlineRead}. Not thread-safe; may be filled again.
 *
 * <p>Where a feature isn't {@link FeatureStatus#PRESENT}, its default stands in if it has one: {@link #hasValue} is true
 * then, and the status says all the same what was found.
 */
public final class FeatureRow {
    private final OnlineRead read;
    private final FeatureStatus[] statuses;
    /** In the plain form; null where there is nothing. */
    private final byte[][] values;
    /** By view. */
    private final Instant[] eventTimes;

    FeatureRow(OnlineRead read) {
        this.read = read;
        statuses = new FeatureStatus[read.size()];
        values = read.defaults.clone();
        eventTimes = new Instant[read.views().size()];
        Arrays.fill(statuses, FeatureStatus.NOT_FOUND);
    }

    public int size() {
        return statuses.length;
    }

    /** What was found. */
    public FeatureStatus status(int index) {
        return statuses[index];
    }

    /** Whether there is a value to work with: one that was found, or the default. */
    public boolean hasValue(int index) {
        return values[index] != null;
    }

    /** Whether the value is the default. */
    public boolean isDefault(int index) {
        return statuses[index] != FeatureStatus.PRESENT && values[index] != null;
    }

    /** The time that the values of the feature's view are of; null where the store has none. */
    public Instant eventTime(int index) {
        return eventTimes[read.viewOfFeature[index]];
    }

    /** The value, of the class that {@link FeatureType} names; null where there is none. */
    public Object value(int index) {
        if (values[index] == null) {
            return null;
        }
        try {
            return ValueCodec.decode(read.features[index].type(), values[index]);
        } catch (MalformedValueException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The value as a number: truth values are 1 and 0, times seconds since 1970. NaN where there is none. Makes no objects.
     *
     * @throws IllegalArgumentException where the feature's type has no numbers
     */
    public double number(int index) {
        return values[index] == null ? Double.NaN : StoredValue.number(read.features[index].type(), values[index]);
    }

    /**
     * The value as a whole number: truth values are 1 and 0, times seconds since 1970. Makes no objects.
     *
     * @throws IllegalArgumentException where the feature's type has no whole numbers
     * @throws NoSuchElementException where there is no value
     */
    public long integer(int index) {
        return StoredValue.integer(read.features[index].type(), require(index));
    }

    /**
     * A list's elements as numbers.
     *
     * @throws IllegalArgumentException where the feature's type is no list of numbers, truth values or times
     * @throws NoSuchElementException where there is no value
     */
    public float[] floats(int index) {
        return StoredValue.floats(read.features[index].type(), require(index));
    }

    private byte[] require(int index) {
        if (values[index] == null) {
            throw new NoSuchElementException("no value of " + read.features[index].name() + ": " + statuses[index]);
        }
        return values[index];
    }

    void requireOf(OnlineRead other) {
        if (read != other) {
            throw new IllegalArgumentException("a row of other views");
        }
    }

    /** Takes over a view's event time, and tells whether values of that time count at this one. */
    boolean eventTime(int view, byte[] bytes, Duration ttl, Instant now) {
        Instant time = null;
        if (bytes != null) {
            try {
                time = EventTime.decode(bytes);
            } catch (MalformedValueException e) {
                // No time is known then, which no time to live forgives.
                time = null;
            }
        }
        eventTimes[view] = time;
        return ttl.isZero() || (time != null && !time.isBefore(now.minus(ttl)));
    }

    void value(int index, byte[] bytes, boolean counts) {
        byte[] value = null;
        FeatureStatus status;
        if (bytes == null) {
            status = FeatureStatus.NOT_FOUND;
        } else if (!counts) {
            status = FeatureStatus.OUTSIDE_MAX_AGE;
        } else {
            try {
                value = StoredValue.plain(read.features[index].type(), bytes);
                status = value.length == 0 ? FeatureStatus.NULL_VALUE : FeatureStatus.PRESENT;
            } catch (MalformedValueException e) {
                status = FeatureStatus.INVALID;
            }
        }
        statuses[index] = status;
        values[index] = status == FeatureStatus.PRESENT ? value : read.defaults[index];
    }
}
