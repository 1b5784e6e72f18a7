/**
 * Whether two distributions differ: tests of one column by sketches or by its values, and what many columns say
 * together. Pure: no I/O, no clock.
 */
package dev.tatara.statistics.drift;
