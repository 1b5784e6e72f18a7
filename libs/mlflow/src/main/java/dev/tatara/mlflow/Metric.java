package dev.tatara.mlflow;

import java.time.Instant;
import java.util.Objects;

/**
 * A value of a metric. MLflow takes the same value of the same time and step once, however often it is sent.
 *
 * @param name see {@link Limits#name(String)} for the characters it may have
 * @param value a finite number
 * @param time when it was measured; kept in milliseconds
 * @param step where on the curve it is
 */
public record Metric(String name, double value, Instant time, long step) {
    public Metric {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(time, "time");
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("expected a finite value of " + name + ", found: " + value);
        }
    }
}
