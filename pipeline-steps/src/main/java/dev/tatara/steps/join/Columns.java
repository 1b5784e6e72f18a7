package dev.tatara.steps.join;

import dev.tatara.steps.tables.Column;
import java.util.List;
import java.util.stream.Collectors;

/** Columns in messages. */
final class Columns {
    private static final int MOST = 20;

    private Columns() {}

    /** Their names, of very many the first. */
    static String named(List<Column> columns) {
        return columns.stream().limit(MOST).map(Column::name).collect(Collectors.joining(", "))
                + (columns.size() > MOST ? " and " + (columns.size() - MOST) + " more" : "");
    }
}
