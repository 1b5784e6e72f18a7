/**
 * How good predictions are, by the definitions of scikit-learn. Pure: no I/O, no clock. What isn't defined for the rows
 * at hand is NaN and never an exception, so that whoever judges can say so.
 */
package dev.tatara.statistics.metrics;
