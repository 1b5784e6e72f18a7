package dev.tatara.operator.trainingjob.run;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StepSettings;
import java.time.Duration;

/**
 * How the steps of runs are run.
 *
 * @param step what a step is run with; the trainer has its own
 * @param stepDeadline an attempt at a step that takes longer is ended; the trainer's isn't
 * @param runDeadline a run without a deadline of its own is ended after this long
 * @param tracking delays after an attempt to record a run that failed
 * @param trackingPatience how long after the end of a run it is tried to record it
 */
public record RunSettings(
        StepSettings step, Duration stepDeadline, Duration runDeadline, Backoff tracking, Duration trackingPatience) {

    public static RunSettings of(OperatorSettings settings) {
        var training = settings.training();
        return new RunSettings(
                StepSettings.of(settings, training),
                training.stepDeadline(),
                training.runDeadline(),
                new Backoff(training.trackingRetryInitial(), training.trackingRetryMax()),
                training.trackingPatience());
    }
}
