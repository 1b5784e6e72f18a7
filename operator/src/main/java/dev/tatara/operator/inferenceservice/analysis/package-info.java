/** Whether a candidate keeps what a stage's checks ask for: what was measured, and what follows from it. */
package dev.tatara.operator.inferenceservice.analysis;
