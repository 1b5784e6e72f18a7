/**
 * Alerts in: what an Alertmanager posts becomes {@code status.alerts} of the DriftPolicies that it is about. Every
 * replica takes posts, not only the one that reconciles; an answer of 2xx means that the API server holds them.
 */
package dev.tatara.operator.alerts;
