package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.operator.inferenceservice.rollout.Convergence;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import java.util.List;
import java.util.Objects;

/**
 * Whether Gateways have taken a route as it is now: each parent says that it accepted it and found all it refers to, of
 * this generation. That requests already go the new way, a probe of the data plane tells.
 */
public final class RouteAcceptance {
    private static final String NOT_ACCEPTED = "RouteNotAccepted";
    private static final String PENDING = "RoutePending";
    private static final String GATEWAY = "Gateway";

    private final String name;
    private final String namespace;
    private final long generation;
    private final List<RouteParentStatus> parents;

    private RouteAcceptance(HasMetadata route, List<RouteParentStatus> parents) {
        this.name = route.getKind() + " " + route.getMetadata().getName();
        this.namespace = route.getMetadata().getNamespace();
        this.generation = Objects.requireNonNullElse(route.getMetadata().getGeneration(), 0L);
        this.parents = parents;
    }

    /** Looks at a route as the API server has it. */
    public static Convergence of(HTTPRoute route) {
        var status = route.getStatus();
        return new RouteAcceptance(route, status == null ? List.of() : status.getParents())
                .look(route.getSpec().getParentRefs());
    }

    /** Looks at a route as the API server has it. */
    public static Convergence of(GRPCRoute route) {
        var status = route.getStatus();
        return new RouteAcceptance(route, status == null ? List.of() : status.getParents())
                .look(route.getSpec().getParentRefs());
    }

    private Convergence look(List<ParentReference> wanted) {
        for (var parent : wanted) {
            var found = parents.stream()
                    .filter(status -> isSame(status.getParentRef(), parent))
                    .findFirst();
            if (found.isEmpty()) {
                return pending(parent, "has not looked at it yet; is it there, and does a controller look after it?");
            }
            for (var type : List.of("Accepted", "ResolvedRefs")) {
                var condition = found.get().getConditions().stream()
                        .filter(candidate -> candidate.getType().equals(type))
                        .findFirst();
                if (condition.isEmpty() || !isCurrent(condition.get())) {
                    return pending(parent, "has not looked at its latest state yet");
                }
                if (!condition.get().getStatus().equals("True")) {
                    return refused(parent, condition.get());
                }
            }
        }
        return Convergence.complete(generation);
    }

    private boolean isCurrent(Condition condition) {
        return condition.getObservedGeneration() != null && condition.getObservedGeneration() >= generation;
    }

    private Convergence pending(ParentReference parent, String what) {
        return Convergence.pending(generation, PENDING, name + ": " + nameOf(parent) + " " + what);
    }

    private Convergence refused(ParentReference parent, Condition condition) {
        return Convergence.pending(
                generation,
                NOT_ACCEPTED,
                name + ": " + nameOf(parent) + " says " + condition.getType() + "=" + condition.getStatus() + ", "
                        + condition.getReason() + ": " + condition.getMessage());
    }

    /** What is absent from a reference is the default, or the route's own namespace. */
    private boolean isSame(ParentReference one, ParentReference other) {
        return one.getName().equals(other.getName())
                && kindOf(one).equals(kindOf(other))
                && namespaceOf(one).equals(namespaceOf(other))
                && Objects.equals(one.getSectionName(), other.getSectionName())
                && Objects.equals(one.getPort(), other.getPort());
    }

    private String namespaceOf(ParentReference parent) {
        return Objects.requireNonNullElse(parent.getNamespace(), namespace);
    }

    private static String kindOf(ParentReference parent) {
        return Objects.requireNonNullElse(parent.getKind(), GATEWAY);
    }

    private String nameOf(ParentReference parent) {
        return kindOf(parent) + " " + namespaceOf(parent) + "/" + parent.getName();
    }
}
