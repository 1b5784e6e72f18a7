/**
 * Writes features to Redis. Needs {@code redis.clients:jedis}, which this library has as an optional dependency: add it to
 * the module that writes.
 */
package dev.tatara.features.writer;
