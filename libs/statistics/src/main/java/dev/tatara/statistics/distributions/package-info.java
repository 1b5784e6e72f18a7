/** Distributions that tests and plans rest on: tails, and where they begin. Pure. */
package dev.tatara.statistics.distributions;
