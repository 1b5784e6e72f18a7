/**
 * The step evaluate: judges a trained model on data that its trainer never saw, the way it would be served, and writes
 * down what live data is compared with later.
 */
package dev.tatara.steps.evaluate;
