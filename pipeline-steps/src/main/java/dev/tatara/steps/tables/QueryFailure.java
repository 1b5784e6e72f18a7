package dev.tatara.steps.tables;

import dev.tatara.steps.StepFailure;
import java.sql.SQLException;
import java.util.Optional;

/** Who has to act when a query fails. */
public final class QueryFailure {
    private static final String OUT_OF_MEMORY = "OutOfMemory";

    private QueryFailure() {}

    /** Where memory or disk ran out: neither the rows nor the query are at fault. */
    public static Optional<StepFailure> aroundTheStep(SQLException e) {
        var words = SqlWords.of(e, true);
        if (words.startsWith("Out of Memory Error")) {
            return Optional.of(StepFailure.failed(
                    OUT_OF_MEMORY,
                    words
                            + "; give the step more memory (--memory, or the pod's limit), and a larger disk for what doesn't"
                            + " fit",
                    e));
        }
        return words.startsWith("IO Error") && words.contains("o space left")
                ? Optional.of(StepFailure.ofWorkspace(e))
                : Optional.empty();
    }

    /** That failure, or one that isn't the user's. */
    public static StepFailure of(SQLException e) {
        return aroundTheStep(e)
                .orElseGet(() -> StepFailure.failed("InternalError", "a query failed: " + SqlWords.of(e, true), e));
    }
}
