/** Evaluations of A/B tests: Jobs of the step {@code experiment}, one after the other while the experiment lasts. */
package dev.tatara.operator.inferenceservice.experiment;
