package dev.tatara.steps.definitions;

import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.Evaluation;

/**
 * What steps need of a TrainingJob's specification. The rest is about pods, and its records need Kubernetes' own.
 *
 * @param model registered model
 * @param dataset the data of a run
 * @param evaluation how the model is judged; null where nothing is said
 */
public record TrainingParts(String model, Dataset dataset, Evaluation evaluation) {}
