package dev.tatara.steps.drift;

import dev.tatara.artifacts.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the command line says.
 *
 * @param policy file with the DriftPolicy
 * @param revisions whose traffic is judged
 * @param since what was before doesn't count; null where windows alone decide
 * @param at end of the window
 * @param baseline address of the model version's profile; null without one
 * @param baselineSha256 its digest; null for any
 * @param sourceSettings how to reach it, and tables and labels that the policy names
 * @param task Classification or Regression; null where metrics say
 * @param classes names of the classes in the order of the model's probabilities; empty without them
 * @param output folder for the report
 * @param keepPanes whether panes are left as they are
 * @param memoryBytes for rows
 * @param threads for rows
 */
record DriftOptions(
        Path policy,
        List<String> revisions,
        Instant since,
        Instant at,
        String baseline,
        String baselineSha256,
        StoreSettings sourceSettings,
        String task,
        List<String> classes,
        String output,
        boolean keepPanes,
        long memoryBytes,
        int threads) {
    DriftOptions {
        revisions = List.copyOf(revisions);
        classes = classes == null ? List.of() : List.copyOf(classes);
    }

    /** The begin of a window. */
    Instant begin(Duration window) {
        var begin = at.minus(window);
        return since == null || since.isBefore(begin) ? begin : since;
    }
}
