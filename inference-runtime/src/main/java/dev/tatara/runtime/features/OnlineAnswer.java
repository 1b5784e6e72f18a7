package dev.tatara.runtime.features;

import dev.tatara.features.FeatureRow;
import dev.tatara.runtime.features.OnlinePlan.Column;
import dev.tatara.runtime.json.JsonBytes;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Writes the answer of {@code /get-online-features}: by columns, the keys first. */
final class OnlineAnswer {
    private static final String NO_TIME = "1970-01-01T00:00:00Z";

    private OnlineAnswer() {}

    /**
     * @param keys values of the join keys, by name
     * @param found by part of the plan and row
     */
    static byte[] write(
            OnlinePlan plan, boolean fullNames, int rows, Map<String, Object[]> keys, FeatureRow[][] found) {
        JsonBytes out = new JsonBytes();
        out.raw("{\"metadata\":{\"feature_names\":[");
        boolean first = true;
        for (String key : keys.keySet()) {
            separate(first, out).string(key);
            first = false;
        }
        for (Column column : plan.columns()) {
            separate(first, out).string(column.name(fullNames));
            first = false;
        }
        out.raw("]},\"results\":[");
        first = true;
        for (Object[] values : keys.values()) {
            separate(first, out);
            key(values, out);
            first = false;
        }
        for (Column column : plan.columns()) {
            separate(first, out);
            feature(column, found[column.part()], rows, out);
            first = false;
        }
        return out.raw("]}").toByteArray();
    }

    private static JsonBytes separate(boolean first, JsonBytes out) {
        return first ? out : out.raw(',');
    }

    private static void key(Object[] values, JsonBytes out) {
        out.raw("{\"values\":[");
        for (int row = 0; row < values.length; row++) {
            value(values[row], separate(row == 0, out));
        }
        out.raw("],\"statuses\":[");
        for (int row = 0; row < values.length; row++) {
            separate(row == 0, out).raw("\"PRESENT\"");
        }
        out.raw("],\"event_timestamps\":[");
        for (int row = 0; row < values.length; row++) {
            separate(row == 0, out).raw('"').raw(NO_TIME).raw('"');
        }
        out.raw("]}");
    }

    private static void feature(Column column, FeatureRow[] found, int rows, JsonBytes out) {
        int index = column.index();
        out.raw("{\"values\":[");
        for (int row = 0; row < rows; row++) {
            value(found[row].value(index), separate(row == 0, out));
        }
        out.raw("],\"statuses\":[");
        for (int row = 0; row < rows; row++) {
            separate(row == 0, out)
                    .raw('"')
                    .raw(found[row].status(index).name())
                    .raw('"');
        }
        out.raw("],\"event_timestamps\":[");
        for (int row = 0; row < rows; row++) {
            Instant time = found[row].eventTime(index);
            separate(row == 0, out)
                    .raw('"')
                    .raw(time == null ? NO_TIME : time.toString())
                    .raw('"');
        }
        out.raw("]}");
    }

    /** As Feast's server writes them: times as seconds, floats as the doubles that they are; bytes in base64. */
    private static void value(Object value, JsonBytes out) {
        switch (value) {
            case null -> out.raw("null");
            case String text -> out.string(text);
            case Boolean truth -> out.bool(truth);
            case Integer number -> out.number(number.longValue());
            case Long number -> out.number(number.longValue());
            case Float number -> out.number(number.doubleValue());
            case Double number -> out.number(number.doubleValue());
            case Instant time -> out.number(time.getEpochSecond());
            case byte[] bytes -> out.string(Base64.getEncoder().encodeToString(bytes));
            case List<?> elements -> {
                out.raw('[');
                for (int i = 0; i < elements.size(); i++) {
                    value(elements.get(i), separate(i == 0, out));
                }
                out.raw(']');
            }
            default -> throw new IllegalStateException(value.getClass().getName());
        }
    }
}
