/**
 * What the processes of Tatara say to each other. A step ends with a {@link dev.tatara.contracts.StepResult}, written
 * to the artifact store and to the container's termination message; the operator reads it from there. Knows neither
 * Kubernetes nor Quarkus.
 */
package dev.tatara.contracts;
