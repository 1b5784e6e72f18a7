package dev.tatara.features.writer;

/**
 * What became of rows.
 *
 * @param written rows that are in the store now
 * @param skipped rows of which the store had newer ones
 */
public record WriteCounts(long written, long skipped) {}
