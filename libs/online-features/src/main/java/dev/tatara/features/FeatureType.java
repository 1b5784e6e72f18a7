package dev.tatara.features;

import java.util.Optional;

/**
 * Types of values, by Feast's names, and the Java classes that hold them:
 *
 * <table>
 * <caption>Java classes</caption>
 * <tr><td>BYTES</td><td>{@code byte[]}</td></tr>
 * <tr><td>STRING</td><td>{@link String}</td></tr>
 * <tr><td>INT32, INT64</td><td>{@link Integer}, {@link Long}</td></tr>
 * <tr><td>FLOAT, DOUBLE</td><td>{@link Float}, {@link Double}</td></tr>
 * <tr><td>BOOL</td><td>{@link Boolean}</td></tr>
 * <tr><td>UNIX_TIMESTAMP</td><td>{@link java.time.Instant}, in whole seconds</td></tr>
 * <tr><td>lists</td><td>{@link java.util.List} of the element's class, without nulls</td></tr>
 * </table>
 */
public enum FeatureType {
    BYTES(1),
    STRING(2),
    INT32(3),
    INT64(4),
    FLOAT(6),
    DOUBLE(5),
    BOOL(7),
    UNIX_TIMESTAMP(8),
    BYTES_LIST(11),
    STRING_LIST(12),
    INT32_LIST(13),
    INT64_LIST(14),
    FLOAT_LIST(16),
    DOUBLE_LIST(15),
    BOOL_LIST(17),
    UNIX_TIMESTAMP_LIST(18);

    private static final FeatureType[] BY_FIELD = new FeatureType[19];

    static {
        for (FeatureType type : values()) {
            BY_FIELD[type.field] = type;
        }
    }

    private final int field;

    FeatureType(int field) {
        this.field = field;
    }

    /** The number of this type's field in {@code feast.types.Value}; of scalars also the type's number in entity keys. */
    int field() {
        return field;
    }

    /** The type with this field's number; null where there is none. */
    static FeatureType ofField(int field) {
        return field > 0 && field < BY_FIELD.length ? BY_FIELD[field] : null;
    }

    public boolean isList() {
        return field > 10;
    }

    /** The type of a list's elements; empty for scalars. */
    public Optional<FeatureType> element() {
        return isList() ? Optional.of(elementType()) : Optional.empty();
    }

    FeatureType elementType() {
        return BY_FIELD[field - 10];
    }

    /** Whether entities may have keys of this type. */
    public boolean isKey() {
        return !isList() && this != FLOAT && this != DOUBLE;
    }
}
