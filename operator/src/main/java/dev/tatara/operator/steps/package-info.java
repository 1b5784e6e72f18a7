/**
 * Jobs of pipeline steps, whichever kind asks for them: how their pods are rendered, how they are created once, and how
 * their results are read.
 */
package dev.tatara.operator.steps;
