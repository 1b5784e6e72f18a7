/** {@code track}: records a run in MLflow once it is over, and the beginning of its record while it starts. */
package dev.tatara.steps.tracking;
