package dev.tatara.operator.trainingjob.plan;

import dev.tatara.operator.trainingjob.run.RunSettings;
import dev.tatara.operator.trainingjob.train.TrainerSettings;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * What decisions about trainings rest on besides the objects.
 *
 * @param run how the steps of runs are run
 * @param trainer how trainers are run
 * @param serialization of Kubernetes' objects
 */
public record PlanSettings(RunSettings run, TrainerSettings trainer, KubernetesSerialization serialization) {}
