package dev.tatara.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counters of one name that differ in one label. Those whose label is known beforehand are there from the start, at 0:
 * Prometheus' {@code increase()} sees the step from 0 to 1 and misses a series that begins with 1.
 */
public final class CounterFamily {
    private final MeterRegistry registry;
    private final String name;
    private final String description;
    private final Tags tags;
    private final String label;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /**
     * @param tags what all counters have in common
     * @param label name of the label in which they differ
     */
    public CounterFamily(MeterRegistry registry, String name, String description, Tags tags, String label) {
        this.registry = registry;
        this.name = name;
        this.description = description;
        this.tags = tags;
        this.label = label;
    }

    /** Shows counters at 0, if they aren't there yet. */
    public CounterFamily expect(Collection<?> values) {
        values.forEach(value -> counter(value.toString()));
        return this;
    }

    public void increment(String value) {
        counter(value).increment();
    }

    /** Takes all counters away. */
    public void remove() {
        counters.values().forEach(registry::remove);
        counters.clear();
    }

    private Counter counter(String value) {
        return counters.computeIfAbsent(value, key -> Counter.builder(name)
                .description(description)
                .tags(tags.and(label, key))
                .register(registry));
    }
}
