/** How an InferenceService goes from one revision to the next: strategies, analysis, checks. */
package dev.tatara.api.v1alpha1.rollout;
