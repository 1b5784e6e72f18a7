package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.plan.Revision;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Map;
import java.util.Optional;

/**
 * The Services that routes lead to: the one that callers inside the cluster know selects stable alone. All of them have
 * the same ports.
 */
final class Backends {
    private static final String HTTP = "http";
    private static final String GRPC = "grpc";

    private final InferenceService owner;

    Backends(InferenceService owner) {
        this.owner = owner;
    }

    /** The Service of one revision's pods. */
    Service of(String revision) {
        return ServingObjects.backend(owner, nameOf(revision), Map.of(Labels.REVISION, revision));
    }

    String nameOf(String revision) {
        return Revision.objectName(owner, revision);
    }

    /** The Service of all revisions' pods, for who tells them apart by their labels. */
    Service ofAll() {
        return ServingObjects.backend(owner, nameOfAll(), Map.of());
    }

    String nameOfAll() {
        return owner.getMetadata().getName() + "-revisions";
    }

    /** The port for REST; empty where it isn't served. */
    Optional<Integer> http() {
        return port(HTTP);
    }

    /** The port for gRPC; empty where it isn't served. */
    Optional<Integer> grpc() {
        return port(GRPC);
    }

    /** Metadata of a route of the service: it is called as the service. */
    ObjectMeta metadata() {
        return new ObjectMetaBuilder()
                .withName(owner.getMetadata().getName())
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(Labels.of(owner, "tatara-runtime", "inference"))
                .withOwnerReferences(Owners.controller(owner))
                .build();
    }

    private Optional<Integer> port(String name) {
        return ServingObjects.ports(owner).stream()
                .filter(port -> port.getName().equals(name))
                .map(ServicePort::getPort)
                .findFirst();
    }
}
