package dev.tatara.steps.evaluate;

import java.nio.file.Path;
import java.util.List;

/**
 * What the command line says.
 *
 * @param job file with the TrainingJob
 * @param model address of the model's file
 * @param test address of the test data, Parquet
 * @param production address of the version in Production, null without one
 * @param productionFeatures its features in its order, empty where they are those of the data
 * @param staging address of the version in Staging, null without one
 * @param stagingFeatures its features in its order
 * @param features the model's features in its order, empty where they are those of the data
 * @param notFeatures columns that aren't features
 * @param classes names of the classes in the order of the model's probabilities, empty where these aren't needed
 * @param trainingProgress address of the trainer's lines of progress, null without them
 * @param output folder for what is written
 * @param baselineOut where the profile is written; null for the folder
 */
record EvaluateOptions(
        Path job,
        String model,
        String test,
        String production,
        List<String> productionFeatures,
        String staging,
        List<String> stagingFeatures,
        List<String> features,
        List<String> notFeatures,
        List<String> classes,
        String trainingProgress,
        String output,
        String baselineOut) {
    EvaluateOptions {
        productionFeatures = orEmpty(productionFeatures);
        stagingFeatures = orEmpty(stagingFeatures);
        features = orEmpty(features);
        notFeatures = orEmpty(notFeatures);
        classes = orEmpty(classes);
    }

    private static List<String> orEmpty(List<String> list) {
        return list == null ? List.of() : List.copyOf(list);
    }
}
