package dev.tatara.steps.experiment;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * What the command line says.
 *
 * @param service file with the InferenceService
 * @param stable revision that served before
 * @param candidate revision that may take over
 * @param since begin of the experiment
 * @param at end of what is looked at
 * @param settle time until a person counts
 * @param output folder for the report
 * @param memoryBytes for rows
 * @param threads for rows
 */
record ExperimentOptions(
        Path service,
        String stable,
        String candidate,
        Instant since,
        Instant at,
        Duration settle,
        String output,
        long memoryBytes,
        int threads) {}
