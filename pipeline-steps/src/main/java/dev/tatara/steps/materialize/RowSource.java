package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.sql.SQLException;

/** Where raw rows come from. */
interface RowSource {
    /** Reads all rows that the interval may need, piece by piece. */
    void read(SourceTables tables) throws StepFailure, SQLException, IOException;
}
