/**
 * Spans of inference requests. The only package that knows OpenTelemetry: none of its classes is loaded where nothing is
 * traced.
 */
package dev.tatara.runtime.tracing;
