package dev.tatara.runtime.routing;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Meters of the router; those of a revision live as long as it is in the table. */
final class RouterMeters {
    /** What came of forwarding a request. */
    enum Outcome {
        ANSWERED("answered"),
        UNREACHABLE("unreachable"),
        CLOSED("closed"),
        CANCELLED("cancelled");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }
    }

    /** What came of copying a request. */
    enum CopyOutcome {
        SAME("same"),
        DIFFERENT("different"),
        DROPPED("dropped"),
        FAILED("failed");

        private final String label;

        CopyOutcome(String label) {
            this.label = label;
        }
    }

    private final MeterRegistry registry;
    private final Map<CopyOutcome, LongAdder> copies = new EnumMap<>(CopyOutcome.class);
    private final Map<String, OfRevision> revisions = new HashMap<>();

    RouterMeters(MeterRegistry registry, Supplier<Number> generation) {
        this.registry = registry;
        Gauge.builder("tatara_router_table_generation", generation)
                .description("Generation of the traffic table that is in force; 0 without one")
                .register(registry);
        for (CopyOutcome outcome : CopyOutcome.values()) {
            LongAdder count = new LongAdder();
            copies.put(outcome, count);
            FunctionCounter.builder("tatara_router_copies", count, LongAdder::sum)
                    .description("Requests that were copied to a shadow, or should have been")
                    .tag("outcome", outcome.label)
                    .register(registry);
        }
    }

    void copied(CopyOutcome outcome) {
        copies.get(outcome).increment();
    }

    /** Of one revision. */
    final class OfRevision {
        private final List<Meter> meters = new ArrayList<>();
        private final LongAdder chosen;
        private final Map<Outcome, LongAdder> forwarded = new EnumMap<>(Outcome.class);
        private final LongAdder stoodIn;

        private OfRevision(String revision) {
            chosen = counter("tatara_router_requests", "Requests that the revision was chosen for", revision);
            for (Outcome outcome : Outcome.values()) {
                forwarded.put(
                        outcome,
                        counter(
                                "tatara_router_forwards",
                                "Attempts to forward a request to a pod of the revision",
                                revision,
                                "outcome",
                                outcome.label));
            }
            stoodIn = counter(
                    "tatara_router_stood_in",
                    "Requests that this pod answered because the revision couldn't be reached or was closed",
                    revision);
        }

        private LongAdder counter(String name, String help, String revision, String... tags) {
            LongAdder count = new LongAdder();
            meters.add(FunctionCounter.builder(name, count, LongAdder::sum)
                    .description(help)
                    .tag("revision", revision)
                    .tags(tags)
                    .register(registry));
            return count;
        }

        LongAdder chosen() {
            return chosen;
        }

        void forwarded(Outcome outcome) {
            forwarded.get(outcome).increment();
        }

        void stoodIn() {
            stoodIn.increment();
        }
    }

    synchronized OfRevision of(String revision) {
        return revisions.computeIfAbsent(revision, OfRevision::new);
    }

    /** Forgets those of other revisions. */
    synchronized void retain(Set<String> kept) {
        revisions.entrySet().removeIf(known -> {
            boolean gone = !kept.contains(known.getKey());
            if (gone) {
                known.getValue().meters.forEach(registry::remove);
            }
            return gone;
        });
    }
}
