package dev.tatara.steps.tracking;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * What the command line says.
 *
 * @param job file with the TrainingJob
 * @param run the run's folder, as a key below the store or an address
 * @param number the run's number; {@code null} where nobody counts
 * @param outcome how the run ended, in the operator's word
 * @param message the same in words; {@code null}: none
 * @param modelVersion name of the ModelVersion; {@code null} without one
 * @param stage the stage that it claims; {@code null}: as the TrainingJob says
 * @param mlflowRun id of a record that was begun; {@code null}: it is looked for
 * @param trials file with the trials of a sweep; {@code null} without one
 * @param startedAt when the run began; {@code null}: unknown
 * @param endedAt when it ended; {@code null}: now
 * @param trigger what started it; {@code null}: unknown
 * @param tags more tags
 * @param credentials folder of the server's Secret; {@code null} without one
 * @param secretName how messages call it; {@code null}: as the TrainingJob does
 */
record TrackOptions(
        Path job,
        String run,
        Long number,
        String outcome,
        String message,
        String modelVersion,
        String stage,
        String mlflowRun,
        Path trials,
        Instant startedAt,
        Instant endedAt,
        String trigger,
        Map<String, String> tags,
        Path credentials,
        String secretName) {
    TrackOptions {
        tags = tags == null ? Map.of() : Map.copyOf(tags);
    }
}
