/**
 * Tatara's steps: one command each, run as a Kubernetes Job or by hand. {@link dev.tatara.steps.TataraSteps} is the
 * command line, {@link dev.tatara.steps.Step} what a new one implements, {@link dev.tatara.steps.StepRunner} what all
 * of them share: an earlier result is found again, the result is written to the store and to the termination message.
 */
package dev.tatara.steps;
