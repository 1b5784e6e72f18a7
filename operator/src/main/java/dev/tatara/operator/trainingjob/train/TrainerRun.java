package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.steps.StoreAccess;
import java.time.Duration;
import java.time.Instant;

/**
 * One attempt at training.
 *
 * @param job the TrainingJob's metadata, with the specification that the run started with
 * @param number number of the run
 * @param store artifact store of the run
 * @param folder the run's folder below the artifact store, without a slash at either end
 * @param trial the trial of a sweep; {@code null} where nothing is searched
 * @param attempt from 1
 * @param recalls whether an attempt before it ended well and nobody heard its result: so only that is found again
 * @param remaining how long the run may still take
 * @param dataStart time of the oldest row; {@code null} where there is no bound
 * @param dataEnd time of the newest row
 * @param seed what the trainer is told to seed its random numbers with
 * @param mlflowRunId the run in MLflow; {@code null} where there is none
 */
public record TrainerRun(
        TrainingJob job,
        long number,
        StoreAccess store,
        String folder,
        Trial trial,
        int attempt,
        boolean recalls,
        Duration remaining,
        Instant dataStart,
        Instant dataEnd,
        long seed,
        String mlflowRunId) {

    TrainingJobSpec spec() {
        return job.getSpec();
    }

    TrainingJobSpec.Trainer trainer() {
        return job.getSpec().trainer();
    }

    int replicas() {
        return recalls || trainer().replicas() == null ? 1 : trainer().replicas();
    }

    /** Where the output goes, below the artifact store. */
    public String folderOfOutput() {
        return trial == null ? folder : folder + "/trials/" + trial.number();
    }

    /** Where the result is written, below the artifact store: the same for every attempt. */
    public String resultKey() {
        return trial == null ? folder + "/train/result.json" : folderOfOutput() + "/result.json";
    }

    /** Name of the Job, and of the Service that its pods meet at. */
    public String jobName() {
        return TrainerNames.jobName(this);
    }
}
