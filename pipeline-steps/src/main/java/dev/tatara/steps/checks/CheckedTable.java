package dev.tatara.steps.checks;

import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.steps.tables.Column;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A table and what is known about it besides its rows.
 *
 * @param table its name, as SQL takes it
 * @param columns its columns
 * @param identity the columns that together should be different in each row: keys and event time; may be empty
 * @param timestampColumn the column with the event time, of type TIMESTAMP WITH TIME ZONE; {@code null} where there is
 *     none
 * @param now the time that ages are measured at
 * @param newestBefore event time of the newest row known before these; {@code null} where there is none
 * @param schemaViolations columns that are missing or of another type than declared, in words
 * @param reference figures of the rows before, by column
 * @param sensitive columns whose values must not be told
 */
public record CheckedTable(
        String table,
        List<Column> columns,
        List<String> identity,
        String timestampColumn,
        Instant now,
        Instant newestBefore,
        List<String> schemaViolations,
        Map<String, ColumnFigures> reference,
        Set<String> sensitive) {
    public CheckedTable {
        columns = List.copyOf(columns);
        identity = List.copyOf(identity);
        schemaViolations = List.copyOf(schemaViolations);
        reference = Map.copyOf(reference);
        sensitive = Set.copyOf(sensitive);
    }

    Optional<Column> column(String name) {
        return Column.find(columns, name);
    }
}
