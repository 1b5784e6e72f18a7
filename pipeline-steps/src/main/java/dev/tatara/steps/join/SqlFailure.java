package dev.tatara.steps.join;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.SqlWords;
import java.sql.SQLException;
import java.util.Optional;

/** What became of a statement that failed for want of room. */
final class SqlFailure {
    private SqlFailure() {}

    /** The failure where memory, or the disk that rows are spilled to, ran out. */
    static Optional<StepFailure> outOfMemory(SQLException e) {
        var words = SqlWords.of(e, true);
        return words.startsWith("Out of Memory") || words.contains("No space left on device")
                ? Optional.of(StepFailure.failed(
                        Reasons.OUT_OF_MEMORY,
                        words + "; give the step more memory (--memory, or the pod's limit) or a larger disk",
                        e))
                : Optional.empty();
    }

    /** That failure, or one that isn't the user's. */
    static StepFailure of(SQLException e) {
        return outOfMemory(e)
                .orElseGet(() -> StepFailure.failed("InternalError", "a query failed: " + SqlWords.of(e, true), e));
    }
}
