package dev.tatara.steps.evaluate;

import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Sql;
import java.util.Locale;

/**
 * A column of the test data.
 *
 * @param name as in the file
 * @param kind what its values are here
 * @param type as DuckDB calls it
 */
record TestColumn(String name, Kind kind, String type) {

    enum Kind {
        /** Numbers with or without fractions. */
        NUMBER,
        /** Whole numbers of at most 64 bits. */
        WHOLE,
        /** true and false. */
        TRUTH,
        TEXT,
        /** Times, lists, structures: nothing that a model takes. */
        OTHER
    }

    static TestColumn of(Column column) {
        var upper = column.type().toUpperCase(Locale.ROOT);
        var kind =
                switch (upper) {
                    case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" -> Kind.WHOLE;
                    case "UBIGINT", "HUGEINT", "UHUGEINT", "FLOAT", "DOUBLE" -> Kind.NUMBER;
                    case "BOOLEAN" -> Kind.TRUTH;
                    case "VARCHAR" -> Kind.TEXT;
                    default ->
                        upper.startsWith("DECIMAL") ? Kind.NUMBER : upper.startsWith("ENUM") ? Kind.TEXT : Kind.OTHER;
                };
        return new TestColumn(column.name(), kind, column.type());
    }

    boolean isNumeric() {
        return kind == Kind.NUMBER || kind == Kind.WHOLE || kind == Kind.TRUTH;
    }

    boolean isText() {
        return kind == Kind.TEXT;
    }

    /** The column in a select, as the type that is read. */
    String selected() {
        var quoted = Sql.name(name);
        return switch (kind) {
            case NUMBER -> quoted + "::double";
            case WHOLE -> quoted + "::bigint";
            case TRUTH -> quoted + "::integer";
            case TEXT, OTHER -> quoted + "::varchar";
        };
    }
}
