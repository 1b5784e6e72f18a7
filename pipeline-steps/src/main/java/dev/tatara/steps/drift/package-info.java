/** Judges a service's live traffic by a DriftPolicy. */
package dev.tatara.steps.drift;
