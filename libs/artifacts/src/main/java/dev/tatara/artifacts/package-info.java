/**
 * One {@link dev.tatara.artifacts.ArtifactStore} over S3, web servers and files: streaming SHA-256 digests, size
 * bounds, atomic publish, put-if-absent, errors that say what to do. Knows neither Kubernetes nor Quarkus.
 */
package dev.tatara.artifacts;
