package dev.tatara.steps.materialize;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * A column of a database's answer.
 *
 * @param index its place, from 1
 * @param name its name
 * @param type DuckDB's type that takes its values; VARCHAR for all that has no counterpart
 */
record JdbcColumn(int index, String name, String type) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_DIGITS = 38;

    static List<JdbcColumn> of(ResultSetMetaData answer) throws SQLException {
        var columns = new ArrayList<JdbcColumn>();
        for (var index = 1; index <= answer.getColumnCount(); index++) {
            columns.add(new JdbcColumn(index, answer.getColumnLabel(index), type(answer, index)));
        }
        return List.copyOf(columns);
    }

    boolean isBytes() {
        return type.equals("BLOB");
    }

    private static String type(ResultSetMetaData answer, int index) throws SQLException {
        var named = answer.getColumnTypeName(index).toLowerCase(Locale.ROOT);
        return switch (answer.getColumnType(index)) {
            case Types.BIT, Types.BOOLEAN -> answer.getPrecision(index) <= 1 ? "BOOLEAN" : "VARCHAR";
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> "BIGINT";
            case Types.BIGINT -> answer.isSigned(index) ? "BIGINT" : "HUGEINT";
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> "DOUBLE";
            case Types.NUMERIC, Types.DECIMAL -> decimal(answer.getPrecision(index), answer.getScale(index));
            case Types.DATE -> "DATE";
            // MySQL's timestamp is a moment, its datetime is not; PostgreSQL's are named by what they are.
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE ->
                named.equals("timestamptz") ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> "BLOB";
            default -> "VARCHAR";
        };
    }

    private static String decimal(int precision, int scale) {
        return precision < 1 || precision > MAX_DIGITS || scale < 0 || scale > precision
                ? "DOUBLE"
                : "DECIMAL(" + precision + "," + scale + ")";
    }

    /** Writes the value of the current row. */
    void write(ResultSet rows, JsonGenerator out) throws SQLException, IOException {
        var value = rows.getObject(index);
        if (value == null) {
            out.writeNull();
            return;
        }
        switch (type) {
            case "BOOLEAN" -> out.writeBoolean(rows.getBoolean(index));
            case "BIGINT" -> out.writeNumber(rows.getLong(index));
            case "BLOB" -> out.writeString(Base64.getEncoder().encodeToString(rows.getBytes(index)));
            case "TIMESTAMP WITH TIME ZONE" ->
                out.writeString(
                        rows.getObject(index, OffsetDateTime.class).toInstant().toString());
            case "TIMESTAMP" ->
                out.writeString(
                        DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(rows.getObject(index, LocalDateTime.class)));
            case "VARCHAR" -> out.writeString(text(rows, value));
            default -> out.writeString(value instanceof BigDecimal number ? number.toPlainString() : value.toString());
        }
    }

    private String text(ResultSet rows, Object value) throws SQLException, IOException {
        if (value instanceof Array array) {
            return JSON.writeValueAsString(array.getArray());
        }
        return rows.getString(index);
    }
}
