package dev.tatara.features;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Brings what databases and callers hand over into the one class per type that {@link FeatureType} names, where nothing
 * is lost on the way but the precision of floating-point numbers.
 */
final class Conversion {
    private Conversion() {}

    /**
     * The value as an object of the type's class.
     *
     * @throws IllegalArgumentException where it doesn't fit; the message names classes, never the value
     */
    static Object to(FeatureType type, Object value) {
        if (type.isList()) {
            return list(type, value);
        }
        Object known =
                switch (type) {
                    case BYTES -> bytes(value);
                    case STRING -> value instanceof String ? value : null;
                    case INT32 -> toInt(integer(type, value));
                    case INT64 -> integer(type, value);
                    case FLOAT -> value instanceof Float ? value : value instanceof Number n ? toFloat(n) : null;
                    case DOUBLE -> value instanceof Double ? value : value instanceof Number n ? n.doubleValue() : null;
                    case BOOL -> value instanceof Boolean ? value : null;
                    case UNIX_TIMESTAMP -> instant(value);
                    case BYTES_LIST,
                            STRING_LIST,
                            INT32_LIST,
                            INT64_LIST,
                            FLOAT_LIST,
                            DOUBLE_LIST,
                            BOOL_LIST,
                            UNIX_TIMESTAMP_LIST -> throw new IllegalStateException(type.name());
                };
        if (known == null) {
            throw new IllegalArgumentException("expected a value for " + type + ", found "
                    + (value == null
                            ? "null"
                            : "an object of " + value.getClass().getName()));
        }
        return known;
    }

    private static byte[] bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return value instanceof byte[] bytes ? bytes : null;
    }

    private static Long integer(FeatureType type, Object value) {
        try {
            return switch (value) {
                case Long number -> number;
                case Integer number -> Long.valueOf(number);
                case Short number -> Long.valueOf(number);
                case Byte number -> Long.valueOf(number);
                case BigInteger number -> number.longValueExact();
                case BigDecimal number -> number.longValueExact();
                case null, default -> null;
            };
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("expected a value for " + type + ", found a number beyond its range", e);
        }
    }

    private static Integer toInt(Long number) {
        if (number == null) {
            return null;
        }
        if (number != number.intValue()) {
            throw new IllegalArgumentException("expected a value for INT32, found a number beyond its range");
        }
        return number.intValue();
    }

    private static float toFloat(Number number) {
        float nearest = number.floatValue();
        if (Float.isInfinite(nearest) && !Double.isInfinite(number.doubleValue())) {
            throw new IllegalArgumentException("expected a value for FLOAT, found a number beyond its range");
        }
        return nearest;
    }

    /** Whole seconds, rounded to the past. Times without a zone are UTC. */
    private static Instant instant(Object value) {
        Instant instant =
                switch (value) {
                    case Instant time -> time;
                    case OffsetDateTime time -> time.toInstant();
                    case ZonedDateTime time -> time.toInstant();
                    case LocalDateTime time -> time.toInstant(ZoneOffset.UTC);
                    case LocalDate day -> day.atStartOfDay(ZoneOffset.UTC).toInstant();
                    case Timestamp time -> time.toInstant();
                    case null, default -> null;
                };
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static List<?> list(FeatureType type, Object value) {
        Collection<?> elements =
                switch (value) {
                    case Collection<?> collection -> collection;
                    case Object[] array -> Arrays.asList(array);
                    case int[] array -> Arrays.stream(array).boxed().toList();
                    case long[] array -> Arrays.stream(array).boxed().toList();
                    case double[] array -> Arrays.stream(array).boxed().toList();
                    case float[] array -> boxed(array);
                    case null, default ->
                        throw new IllegalArgumentException("expected a list for " + type + ", found "
                                + (value == null
                                        ? "null"
                                        : "an object of " + value.getClass().getName()));
                };
        FeatureType element = type.elementType();
        List<Object> known = new ArrayList<>(elements.size());
        for (Object one : elements) {
            if (one == null) {
                throw new IllegalArgumentException("expected a list for " + type + " without nulls, found one at index "
                        + known.size() + ": the online store's lists can't hold them");
            }
            known.add(to(element, one));
        }
        return known;
    }

    private static List<Float> boxed(float[] array) {
        List<Float> boxed = new ArrayList<>(array.length);
        for (float element : array) {
            boxed.add(element);
        }
        return boxed;
    }
}
