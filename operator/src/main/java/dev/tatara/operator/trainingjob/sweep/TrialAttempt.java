package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.operator.trainingjob.train.TrainerLog;
import dev.tatara.operator.trainingjob.train.TrainerState;
import io.fabric8.kubernetes.api.model.batch.v1.Job;

/**
 * A trial's Job as it is observed.
 *
 * @param trial number of the trial
 * @param attempt number of the attempt
 * @param parameters the trial's hyperparameters as the Job remembers them; {@code null} where somebody removed them
 * @param state how far it is
 * @param log what its trainer says; {@code null} while that isn't known. Once the attempt has ended, all it ever said
 */
record TrialAttempt(int trial, int attempt, ObjectNode parameters, Job job, TrainerState state, TrainerLog log) {}
