/** What must hold of a table of rows: the checks of views and trainings, measured in one pass. */
package dev.tatara.steps.checks;
