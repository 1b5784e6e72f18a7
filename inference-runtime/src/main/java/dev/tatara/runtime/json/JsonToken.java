package dev.tatara.runtime.json;

/** What a {@link JsonReader} stands at. */
public enum JsonToken {
    START_OBJECT,
    END_OBJECT,
    START_ARRAY,
    END_ARRAY,
    FIELD_NAME,
    VALUE_STRING,
    /** A number without fraction and exponent. */
    VALUE_NUMBER_INT,
    VALUE_NUMBER_FLOAT,
    VALUE_TRUE,
    VALUE_FALSE,
    VALUE_NULL;

    /** Whether it is a value that isn't made of others. */
    public boolean isScalarValue() {
        return compareTo(VALUE_STRING) >= 0;
    }
}
