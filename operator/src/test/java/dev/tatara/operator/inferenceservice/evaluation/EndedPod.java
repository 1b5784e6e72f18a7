package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;

/** Pods of Jobs whose step has ended with a result. */
final class EndedPod {
    private EndedPod() {}

    static Pod of(Job job, String container, StepResult<?> result, Instant now) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(job.getMetadata().getName() + "-pod")
                .withCreationTimestamp(now.toString())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withUid(job.getMetadata().getUid())
                        .build())
                .endMetadata()
                .withNewStatus()
                .addNewContainerStatus()
                .withName(container)
                .withNewState()
                .withNewTerminated()
                .withExitCode(0)
                .withFinishedAt(now.toString())
                .withMessage(StepResultCodec.toJson(result))
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }
}
