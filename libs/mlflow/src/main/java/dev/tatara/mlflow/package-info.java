/**
 * A client of MLflow's REST API: what Tatara needs to record runs and to find registered models. Knows neither
 * Kubernetes nor the artifact store.
 */
package dev.tatara.mlflow;
