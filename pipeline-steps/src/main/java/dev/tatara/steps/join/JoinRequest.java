package dev.tatara.steps.join;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the command line asks of a join. What is {@code null} is taken from the TrainingJob where there is one.
 *
 * @param entities address of the entity rows
 * @param timestampColumn column with their times
 * @param views the views to join
 * @param job a TrainingJob's definition, whose dataset it is
 * @param output folder to write to, as an address or below the store
 * @param window only entity rows of so long before {@code end}
 * @param end only entity rows of this time and before
 * @param defaults whether a feature's default stands in place of a missing value
 */
record JoinRequest(
        String entities,
        String timestampColumn,
        List<ViewDefinition.Wanted> views,
        Path job,
        String output,
        Duration window,
        Instant end,
        boolean defaults) {
    JoinRequest {
        views = List.copyOf(views);
    }
}
