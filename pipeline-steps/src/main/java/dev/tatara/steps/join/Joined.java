package dev.tatara.steps.join;

import java.util.ArrayList;
import java.util.List;

/**
 * A joined table, which lies in the engine as one table for the entities and one for each view, all in the same order.
 *
 * @param columns its columns, each as an expression with its name
 * @param tables the tables to lay side by side
 * @param matched for each view the entity rows for which there was a row of it
 */
public record Joined(List<String> columns, List<String> tables, List<Long> matched) {
    public Joined {
        columns = List.copyOf(columns);
        tables = List.copyOf(tables);
        matched = List.copyOf(matched);
    }

    /** All rows in the entities' order. To be read with {@code preserve_insertion_order} on. */
    public String query() {
        return query(tables);
    }

    /** The rows of a part, in the entities' order. */
    String query(Split.Part part) {
        return query(withParts()) + " where " + Split.TABLE + ".part = " + part.code();
    }

    private List<String> withParts() {
        var all = new ArrayList<>(tables);
        all.add(Split.TABLE);
        return all;
    }

    private String query(List<String> side) {
        return "select " + String.join(", ", columns) + " from " + String.join(" positional join ", side);
    }
}
