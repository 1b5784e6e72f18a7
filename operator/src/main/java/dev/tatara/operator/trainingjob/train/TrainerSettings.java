package dev.tatara.operator.trainingjob.train;

import dev.tatara.operator.config.OperatorSettings;
import java.time.Duration;

/**
 * How trainers are run.
 *
 * @param image image of the steps that bring the data and take the model
 * @param pullPolicy its imagePullPolicy
 * @param cpuRequest processor share of a trainer whose resources don't mention {@code cpu}, as a Kubernetes quantity
 * @param memoryLimit memory limit of a trainer whose resources don't mention {@code memory}
 * @param disk disk of the node for a trainer whose resources don't mention {@code ephemeral-storage}
 * @param stepMemoryLimit memory limit of the steps before and after it
 * @param imageDeadline a trainer whose image can't be pulled for so long has failed
 */
public record TrainerSettings(
        String image,
        String pullPolicy,
        String cpuRequest,
        String memoryLimit,
        String disk,
        String stepMemoryLimit,
        Duration imageDeadline) {

    public static TrainerSettings of(OperatorSettings settings) {
        var trainer = settings.trainer();
        return new TrainerSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                trainer.cpuRequest(),
                trainer.memoryLimit(),
                trainer.disk(),
                trainer.stepMemoryLimit(),
                trainer.imageDeadline());
    }
}
