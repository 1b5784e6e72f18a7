package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.SqlWords;
import java.sql.SQLException;
import java.util.Optional;

/** Who has to act when a query fails. */
final class QueryFailure {
    private QueryFailure() {}

    /** Where memory or disk ran out: the rows aren't at fault. */
    static Optional<StepFailure> aroundTheStep(SQLException e) {
        var words = SqlWords.of(e, true);
        if (words.startsWith("Out of Memory Error")) {
            return Optional.of(StepFailure.failed(
                    Reasons.OUT_OF_MEMORY,
                    words + " Give the step's pod more memory, and more ephemeral storage for what doesn't fit",
                    e));
        }
        return words.startsWith("IO Error") && words.contains("o space left")
                ? Optional.of(StepFailure.ofWorkspace(e))
                : Optional.empty();
    }
}
