package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.common.Resources;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a trainer's pod may take. A default stands only for a resource that the specification doesn't mention at all, so
 * that a request never exceeds a limit that nobody wrote.
 */
final class TrainerResources {
    private static final String CPU = "cpu";
    private static final String MEMORY = "memory";
    private static final String DISK = "ephemeral-storage";
    private static final Quantity SMALL = new Quantity("256Mi");
    private static final Quantity STEP_CPU = new Quantity("100m");
    private static final Quantity TRAINER_MEMORY = new Quantity("512Mi");

    private final TrainerSettings settings;
    private final Map<String, Quantity> requests = new TreeMap<>();
    private final Map<String, Quantity> limits = new TreeMap<>();

    TrainerResources(Resources given, TrainerSettings settings) {
        this.settings = settings;
        if (given != null) {
            requests.putAll(given.requests());
            limits.putAll(given.limits());
        }
        if (!mentions(CPU)) {
            requests.put(CPU, new Quantity(settings.cpuRequest()));
        }
        if (!mentions(MEMORY)) {
            var limit = new Quantity(settings.memoryLimit());
            requests.put(MEMORY, smaller(TRAINER_MEMORY, limit));
            limits.put(MEMORY, limit);
        }
        limits.computeIfAbsent(DISK, resource -> larger(new Quantity(settings.disk()), requests.get(DISK)));
        // Without one Kubernetes would take the limit, and a node with that much to spare may not be there.
        requests.computeIfAbsent(DISK, resource -> smaller(SMALL, limits.get(DISK)));
    }

    /** Of the trainer's container. */
    ResourceRequirements trainer() {
        return new ResourceRequirementsBuilder()
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    /**
     * Of the steps before and after it. The kubelet compares what the whole pod has written with the largest of the
     * containers' limits, which is the trainer's.
     */
    ResourceRequirements step() {
        return new ResourceRequirementsBuilder()
                .addToRequests(CPU, STEP_CPU)
                .addToRequests(MEMORY, smaller(SMALL, new Quantity(settings.stepMemoryLimit())))
                .addToRequests(DISK, smaller(SMALL, disk()))
                .addToLimits(MEMORY, new Quantity(settings.stepMemoryLimit()))
                .addToLimits(DISK, disk())
                .build();
    }

    /** Disk of the node for all of the pod. */
    Quantity disk() {
        return limits.get(DISK);
    }

    private boolean mentions(String resource) {
        return requests.containsKey(resource) || limits.containsKey(resource);
    }

    private static Quantity smaller(Quantity one, Quantity other) {
        return bytes(one).compareTo(bytes(other)) <= 0 ? one : other;
    }

    private static Quantity larger(Quantity one, Quantity other) {
        return other == null || bytes(one).compareTo(bytes(other)) >= 0 ? one : other;
    }

    private static BigDecimal bytes(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity);
    }
}
