package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic.ParentReference;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.SupportedFeature;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gateways and their classes, which are others'. They are read when they are needed, and what was read holds for a
 * while: so the operator needs no right to list them.
 */
final class Gateways {
    private static final Duration HOLDS = Duration.ofSeconds(10);
    private static final String KIND = "Gateway";

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Map<String, Read<?>> read = new ConcurrentHashMap<>();

    private record Read<T>(T object, Instant at) {}

    Gateways(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** The Gateway that a route attaches to; empty where it isn't there, or the parent is something else. */
    Optional<Gateway> of(InferenceService service, ParentReference parent) {
        if (parent.kind() != null && !parent.kind().equals(KIND)) {
            return Optional.empty();
        }
        var namespace = Objects.requireNonNullElse(
                parent.namespace(), service.getMetadata().getNamespace());
        return latest(Gateway.class, namespace + "/" + parent.name(), () -> client.resources(Gateway.class)
                .inNamespace(namespace)
                .withName(parent.name())
                .get());
    }

    /** What the classes of a service's Gateways all say they support; empty where none says anything. */
    Set<String> featuresOf(InferenceService service) {
        return service.getSpec().traffic().gatewayApi().parentRefs().stream()
                .flatMap(parent -> of(service, parent).stream())
                .map(gateway -> gateway.getSpec().getGatewayClassName())
                .distinct()
                .map(this::features)
                .filter(features -> !features.isEmpty())
                .reduce((one, other) -> {
                    var both = new HashSet<>(one);
                    both.retainAll(other);
                    return both;
                })
                .orElse(Set.of());
    }

    private Set<String> features(String className) {
        return latest(GatewayClass.class, className, () -> client.resources(GatewayClass.class)
                        .withName(className)
                        .get())
                .map(GatewayClass::getStatus)
                .stream()
                .flatMap(status -> status.getSupportedFeatures() == null
                        ? Stream.<SupportedFeature>empty()
                        : status.getSupportedFeatures().stream())
                .map(SupportedFeature::getName)
                .collect(Collectors.toUnmodifiableSet());
    }

    private <T extends HasMetadata> Optional<T> latest(Class<T> kind, String name, Supplier<T> get) {
        var now = clock.instant();
        var entry = read.compute(kind.getSimpleName() + "/" + name, (key, before) -> {
            if (before != null && now.isBefore(before.at().plus(HOLDS))) {
                return before;
            }
            return new Read<>(get.get(), now);
        });
        return Optional.ofNullable(kind.cast(entry.object()));
    }
}
