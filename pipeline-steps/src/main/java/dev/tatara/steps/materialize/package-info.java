/** From raw rows to a snapshot of a feature view and to its online store. */
package dev.tatara.steps.materialize;
