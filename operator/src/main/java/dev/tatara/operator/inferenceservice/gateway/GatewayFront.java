package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic.ParentReference;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Divides requests by Gateways: their controllers say whether they took a route, their data planes are asked. */
final class GatewayFront implements Front {
    private final Gateways gateways;
    private final GatewayProbes probes;
    private final KubernetesSerialization serialization;

    /**
     * Divides requests by Gateways.
     *
     * @param probes asks data planes; {@code null} where nobody is to
     */
    GatewayFront(Gateways gateways, GatewayProbes probes, KubernetesSerialization serialization) {
        this.gateways = gateways;
        this.probes = probes;
        this.serialization = serialization;
    }

    @Override
    public String name() {
        return "the Gateway";
    }

    @Override
    public List<RouteKind> kinds() {
        return List.of(RouteKind.HTTPRoute, RouteKind.GRPCRoute);
    }

    @Override
    public Optional<String> obstacle(InferenceService service) {
        return GatewaySupport.refusal(service.getSpec(), gateways.featuresOf(service))
                .map(Refusal::message);
    }

    @Override
    public List<HasMetadata> render(InferenceService service, Routing routing) {
        return GatewayRoutes.render(service, routing);
    }

    @Override
    public Convergence accepted(List<HasMetadata> objects) {
        return objects.stream()
                .map(this::accepted)
                .filter(convergence -> !convergence.isComplete())
                .findFirst()
                .orElseGet(() -> Convergence.complete(0));
    }

    private Convergence accepted(HasMetadata object) {
        return switch (object.getKind()) {
            case "HTTPRoute" -> RouteAcceptance.of(serialization.convertValue(object, HTTPRoute.class));
            case "GRPCRoute" -> RouteAcceptance.of(serialization.convertValue(object, GRPCRoute.class));
            default -> Convergence.complete(0);
        };
    }

    @Override
    public Optional<String> unproven(InferenceService service, Routing routing) {
        var probe = RouteProbe.of(routing);
        if (probes == null || probe.isEmpty()) {
            return Optional.empty();
        }
        var spec = service.getSpec().traffic().gatewayApi();
        var targets = new ArrayList<ProbeTarget>();
        for (var parent : spec.parentRefs()) {
            var gateway = gateways.of(service, parent);
            if (gateway.isPresent()) {
                var target = target(gateway.get(), parent, spec.hostnames());
                if (target.isEmpty()) {
                    return Optional.of("Gateway " + parent.name()
                            + " has no address, or no listener of protocol HTTP or HTTPS for the service's hostnames");
                }
                targets.add(target.get());
            }
        }
        var protocols = service.getSpec().protocols();
        var isCall = protocols != null && Boolean.FALSE.equals(protocols.rest());
        return probes.missing(
                ResourceID.fromResource(service), new GatewayProbes.Demand(probe.get(), isCall, List.copyOf(targets)));
    }

    private static Optional<ProbeTarget> target(Gateway gateway, ParentReference parent, List<String> hostnames) {
        return ProbeTarget.of(
                gateway, parent.sectionName(), parent.port(), Objects.requireNonNullElse(hostnames, List.of()));
    }
}
