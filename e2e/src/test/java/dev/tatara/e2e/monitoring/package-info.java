/** A Prometheus and an Alertmanager of the test's own, on this machine, before the operator and pods of the cluster. */
package dev.tatara.e2e.monitoring;
