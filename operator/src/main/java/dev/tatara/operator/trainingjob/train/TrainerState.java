package dev.tatara.operator.trainingjob.train;

import dev.tatara.contracts.Published;
import dev.tatara.operator.steps.StepState;
import io.fabric8.kubernetes.api.model.Pod;

/**
 * How far an attempt at training is.
 *
 * @param step not at its end yet, or with its result. The Job itself may still be active at an end
 * @param isFree whether an end that failed uses up no retry
 * @param isTrainers whether a failure is the user's trainer's own doing, rather than that of something around it
 * @param imageId the trainer's image as the kubelet knows it, with its digest; {@code null} while it isn't known
 * @param logPod the pod whose trainer tells how far it is; {@code null} while there is none
 */
public record TrainerState(StepState<Published> step, boolean isFree, boolean isTrainers, String imageId, Pod logPod) {}
