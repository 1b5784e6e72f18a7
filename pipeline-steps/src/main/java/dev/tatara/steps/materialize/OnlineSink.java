package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;

/**
 * An online store that takes the newest row of each key. A row that is as old as what the store has, or older, is
 * skipped; so the same rows may be written again.
 */
public interface OnlineSink extends AutoCloseable {
    /** Takes a row; it may be written later, together with others. */
    void write(OnlineRow row) throws StepFailure;

    /** Writes what was taken and not written yet. */
    Counts finish() throws StepFailure;

    @Override
    void close();

    /**
     * What became of the rows.
     *
     * @param written keys with a new value
     * @param skipped keys that had the same or a newer one
     */
    record Counts(long written, long skipped) {}

    /** Makes the sink of a view, once its snapshot is written. */
    @FunctionalInterface
    interface Opener {
        /** Opens; a view without an online store isn't asked for one. */
        OnlineSink open(ViewPlan view) throws StepFailure;
    }
}
