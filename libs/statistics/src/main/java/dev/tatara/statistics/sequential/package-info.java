/**
 * Comparing two sides while their data are still coming in: tests that may be looked at at any time and stopped by what
 * they show, and how much data to plan for. Pure: no I/O, no clock.
 */
package dev.tatara.statistics.sequential;
