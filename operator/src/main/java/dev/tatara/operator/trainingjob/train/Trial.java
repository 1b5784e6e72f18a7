package dev.tatara.operator.trainingjob.train;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One trial of a sweep.
 *
 * @param number from 1
 * @param parameters the hyperparameters that are searched, as this trial has them
 */
public record Trial(int number, ObjectNode parameters) {}
