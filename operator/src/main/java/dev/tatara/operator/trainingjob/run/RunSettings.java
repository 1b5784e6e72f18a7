package dev.tatara.operator.trainingjob.run;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StoreAccess;
import java.time.Duration;

/**
 * How the steps of runs are run.
 *
 * @param image image of the steps
 * @param pullPolicy its imagePullPolicy
 * @param store artifact store of runs, unless a TrainingJob names its own
 * @param cpuRequest processor share that a step is given at least, as a Kubernetes quantity; the trainer has its own
 * @param memoryLimit memory limit of a step, as a Kubernetes quantity; rows that need more spill to scratch
 * @param scratchSize size limit of its scratch space, as a Kubernetes quantity
 * @param stepDeadline an attempt at a step that takes longer is ended; the trainer's isn't
 * @param runDeadline a run without a deadline of its own is ended after this long
 * @param tracking delays after an attempt to record a run that failed
 * @param trackingPatience how long after the end of a run it is tried to record it
 */
public record RunSettings(
        String image,
        String pullPolicy,
        StoreAccess store,
        String cpuRequest,
        String memoryLimit,
        String scratchSize,
        Duration stepDeadline,
        Duration runDeadline,
        Backoff tracking,
        Duration trackingPatience) {

    public static RunSettings of(OperatorSettings settings) {
        var training = settings.training();
        return new RunSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                StoreAccess.of(settings),
                training.cpuRequest(),
                training.memoryLimit(),
                training.scratchSize(),
                training.stepDeadline(),
                training.runDeadline(),
                new Backoff(training.trackingRetryInitial(), training.trackingRetryMax()),
                training.trackingPatience());
    }
}
