package dev.tatara.steps.tables;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import java.util.Locale;
import java.util.Set;

/**
 * How values of whatever type a source has become values of the type that a view declares. Every expression here gives
 * NULL for a value that doesn't fit, and only for that: 1.5 isn't an INT64, 300000000000 no INT32, 2 no BOOL. Times are
 * UTC where they don't say otherwise; numbers as times are seconds since 1970.
 */
public final class ColumnType {
    private static final Set<String> INTEGERS = Set.of(
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "HUGEINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "UHUGEINT");

    /** Seconds of the years 1 to 9999. */
    private static final String SECONDS_OF_CALENDAR = "between -62135596800 and 253402300799";

    private ColumnType() {}

    /** DuckDB's name of a type. */
    public static String sql(ValueType type) {
        return switch (type) {
            case BYTES -> "BLOB";
            case STRING -> "VARCHAR";
            case INT32 -> "INTEGER";
            case INT64 -> "BIGINT";
            case FLOAT -> "FLOAT";
            case DOUBLE -> "DOUBLE";
            case BOOL -> "BOOLEAN";
            case UNIX_TIMESTAMP -> "TIMESTAMP WITH TIME ZONE";
            default -> sql(element(type)) + "[]";
        };
    }

    public static boolean isList(ValueType type) {
        return type.name().endsWith("_LIST");
    }

    /** Whether values are added and averaged. */
    public static boolean isNumeric(ValueType type) {
        return switch (type) {
            case INT32, INT64, FLOAT, DOUBLE -> true;
            default -> false;
        };
    }

    /** Whether a column of a source's type holds numbers. */
    public static boolean isNumber(String found) {
        return INTEGERS.contains(found) || isFraction(found);
    }

    /** Whether such a column may hold NaN and infinities. */
    public static boolean isFloating(String found) {
        return found.equals("FLOAT") || found.equals("DOUBLE");
    }

    /** The type of a list's elements. */
    public static ValueType element(ValueType list) {
        return ValueType.valueOf(list.name().substring(0, list.name().length() - "_LIST".length()));
    }

    /**
     * Whether every value of a source's type fits, or nearly every one (a BIGINT may be too large for an INT32), so that
     * a column of it counts as being of the type declared.
     */
    public static boolean isNatural(String found, ValueType wanted) {
        var type = found.toUpperCase(Locale.ROOT);
        if (isList(wanted)) {
            return type.endsWith("[]") && isNatural(type.substring(0, type.length() - 2), element(wanted));
        }
        return switch (wanted) {
            case BYTES -> type.equals("BLOB") || type.equals("VARCHAR");
            case STRING -> type.equals("VARCHAR") || type.equals("UUID") || type.startsWith("ENUM");
            case INT32, INT64 -> INTEGERS.contains(type);
            case FLOAT, DOUBLE -> INTEGERS.contains(type) || isFraction(type);
            case BOOL -> type.equals("BOOLEAN");
            case UNIX_TIMESTAMP -> isTime(type) || INTEGERS.contains(type);
            default -> false;
        };
    }

    /**
     * The value as the type wanted, NULL where it doesn't fit.
     *
     * @param value an expression
     * @param found the expression's type as DuckDB describes it
     */
    public static String fitted(String value, String found, ValueType wanted) {
        var type = found.toUpperCase(Locale.ROOT);
        var target = sql(wanted);
        if (isList(wanted)) {
            return fittedList(value, type, wanted);
        }
        return switch (wanted) {
            case INT32, INT64 -> fittedInteger(value, type, target);
            case FLOAT, DOUBLE ->
                INTEGERS.contains(type) || isFraction(type) || isText(type)
                        ? "try_cast(" + value + " as " + target + ")"
                        : none(target);
            case BOOL -> fittedBool(value, type);
            case STRING -> fittedText(value, type);
            case BYTES -> type.equals("BLOB") ? value : type.equals("VARCHAR") ? "encode(" + value + ")" : none(target);
            case UNIX_TIMESTAMP -> fittedTime(value, type);
            default -> throw new IllegalStateException("not a scalar: " + wanted);
        };
    }

    /** Whether a column of a source's type may have values that don't fit. */
    public static boolean mayMisfit(String found, ValueType wanted) {
        return isList(wanted) || !found.toUpperCase(Locale.ROOT).equals(sql(wanted));
    }

    /** Whether a value is there and doesn't fit, or is a list with an element that is absent. */
    public static String misfit(String value, String found, ValueType wanted) {
        var fitted = fitted(value, found, wanted);
        var lost = "(" + value + ") is not null and (" + fitted + ") is null";
        return isList(wanted)
                ? "((" + lost + ") or len(list_filter(" + fitted + ", lambda e: e is null)) > 0)"
                : "(" + lost + ")";
    }

    private static String fittedInteger(String value, String type, String target) {
        if (INTEGERS.contains(type)) {
            return "try_cast(" + value + " as " + target + ")";
        }
        if (isFraction(type)) {
            return "case when " + value + " = trunc(" + value + ") then try_cast(" + value + " as " + target + ") end";
        }
        return isText(type)
                ? "case when regexp_full_match(trim(" + value + "::varchar), '[+-]?[0-9]{1,40}') then try_cast(trim("
                        + value + "::varchar) as " + target + ") end"
                : none(target);
    }

    private static String fittedBool(String value, String type) {
        if (type.equals("BOOLEAN")) {
            return value;
        }
        if (INTEGERS.contains(type)) {
            return "case when " + value + " in (0, 1) then " + value + " = 1 end";
        }
        return isText(type)
                ? "case lower(trim(" + value + "::varchar)) when 'true' then true when '1' then true"
                        + " when 'false' then false when '0' then false end"
                : none("BOOLEAN");
    }

    private static String fittedText(String value, String type) {
        if (type.equals("VARCHAR")) {
            return value;
        }
        if (type.equals("BLOB")) {
            return "try(decode(" + value + "))";
        }
        return isNested(type) ? none("VARCHAR") : "try_cast(" + value + " as varchar)";
    }

    private static String fittedTime(String value, String type) {
        var target = sql(ValueType.UNIX_TIMESTAMP);
        if (type.equals("TIMESTAMP_NS")) {
            return "try_cast(try_cast(" + value + " as timestamp) as " + target + ")";
        }
        if (isTime(type) || isText(type)) {
            return "try_cast(" + value + " as " + target + ")";
        }
        return INTEGERS.contains(type) || isFraction(type)
                ? "case when " + value + " " + SECONDS_OF_CALENDAR + " then to_timestamp(" + value + "::double) end"
                : none(target);
    }

    private static String fittedList(String value, String type, ValueType wanted) {
        if (type.endsWith("[]")) {
            return "list_transform(" + value + ", lambda x: "
                    + fitted("x", type.substring(0, type.length() - 2), element(wanted)) + ")";
        }
        return isText(type) ? "try_cast(" + value + "::varchar as " + sql(wanted) + ")" : none(sql(wanted));
    }

    private static String none(String target) {
        return "cast(null as " + target + ")";
    }

    private static boolean isFraction(String type) {
        return isFloating(type) || type.startsWith("DECIMAL");
    }

    private static boolean isText(String type) {
        return type.equals("VARCHAR") || type.equals("JSON");
    }

    private static boolean isTime(String type) {
        return type.startsWith("TIMESTAMP") || type.equals("DATE");
    }

    private static boolean isNested(String type) {
        return type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP") || type.startsWith("UNION");
    }
}
