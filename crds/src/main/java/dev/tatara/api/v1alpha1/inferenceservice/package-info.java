/** InferenceService: a model that answers requests, and how its revisions change. */
package dev.tatara.api.v1alpha1.inferenceservice;
