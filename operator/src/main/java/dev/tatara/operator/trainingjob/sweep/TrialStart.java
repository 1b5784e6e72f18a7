package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.operator.trainingjob.train.Trial;

/**
 * An attempt at a trial that is due.
 *
 * @param attempt from 1
 * @param recalls whether it only finds again what the attempt before it published
 */
public record TrialStart(Trial trial, int attempt, boolean recalls) {}
