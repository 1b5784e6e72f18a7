/**
 * Summaries of streams of values that can be merged, and the panes that they are kept in. Pure: no I/O, no clock.
 * Nothing here is thread-safe.
 */
package dev.tatara.statistics;
