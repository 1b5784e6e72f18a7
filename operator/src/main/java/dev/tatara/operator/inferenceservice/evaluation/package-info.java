/**
 * What takes a Job to find out about a candidate: A/B tests, and metrics against labels. One Job after the other while the
 * stage lasts; what the latest one found is the stage's check.
 */
package dev.tatara.operator.inferenceservice.evaluation;
