package dev.tatara.runtime.model;

import java.time.Duration;

/**
 * What a run of n rows takes: {@code fixed + n · perRow}. What is fixed (the call, the threads, reading the weights) is
 * what rows that run together share.
 *
 * @param fixedNanos nanoseconds, 0 or more
 * @param perRowNanos nanoseconds per row, 0 or more
 */
public record RunCost(double fixedNanos, double perRowNanos) {
    private static final double LITTLE = 0.1;

    /** Of a model of which only the run of one row is known: rows are taken to share nothing. */
    public static RunCost ofOneRow(Duration oneRow) {
        return new RunCost(0, Math.max(1, oneRow.toNanos()));
    }

    /**
     * The line through two measurements.
     *
     * @param one time of one row
     * @param rows 2 or more
     * @param several time of so many rows together
     */
    public static RunCost of(Duration one, int rows, Duration several) {
        double perRow = Math.max(0.0, (double) (several.toNanos() - one.toNanos()) / (rows - 1));
        // Rows that take longer together than alone share nothing.
        perRow = Math.min(perRow, (double) Math.max(1, one.toNanos()));
        return new RunCost(Math.max(0, one.toNanos() - perRow), perRow);
    }

    /**
     * The number of rows beyond which running more together saves less than a tenth of the time of a row, so that it makes
     * the first of them wait for the last and gives little in return.
     */
    public int usefulRows() {
        return (int) Math.clamp(Math.ceil(fixedNanos / (LITTLE * Math.max(perRowNanos, 1e-3))), 1, Integer.MAX_VALUE);
    }

    /** Nanoseconds. */
    public double ofRows(long rows) {
        return fixedNanos + rows * perRowNanos;
    }
}
