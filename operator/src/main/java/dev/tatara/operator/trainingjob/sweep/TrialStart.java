package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.operator.trainingjob.train.Trial;

/**
 * An attempt at a trial that is due.
 *
 * @param attempt from 1
 */
public record TrialStart(Trial trial, int attempt) {}
