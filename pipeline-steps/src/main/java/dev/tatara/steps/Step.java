package dev.tatara.steps;

import dev.tatara.contracts.StepResult;
import java.io.IOException;
import java.util.Optional;

/**
 * A step's work, apart from command lines and results' ways.
 *
 * @param <D> the record of the step's findings
 */
public interface Step<D> {
    /** The command's name. */
    String name();

    Class<D> detailsType();

    /**
     * Does the work. Idempotent: it may be killed at any instant and run again.
     *
     * @throws StepFailure where it ends other than well
     * @throws IOException where this machine's own disk fails
     */
    StepResult<D> run(StepContext context) throws StepFailure, IOException;

    /** Whether what an earlier, good result promised still stands. */
    boolean stillHolds(StepResult<D> earlier, StepContext context) throws StepFailure;

    /** The same findings in fewer bytes, for a termination message; nothing where they can't be cut further. */
    Optional<D> shorter(D details);
}
