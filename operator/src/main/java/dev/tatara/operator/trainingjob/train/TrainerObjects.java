package dev.tatara.operator.trainingjob.train;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;

/**
 * What an attempt at training consists of.
 *
 * @param job the Job
 * @param service the Service that its pods find each other by, to be made before the Job; {@code null} for a single pod
 */
public record TrainerObjects(Job job, Service service) {}
