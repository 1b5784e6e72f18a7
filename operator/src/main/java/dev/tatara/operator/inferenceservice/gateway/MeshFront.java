package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Divides requests by Istio. Its control plane says nothing of an object's state by default, and proxies are everywhere:
 * what was written counts as in force, unless a condition says otherwise.
 */
final class MeshFront implements Front {
    private static final String NOT_RECONCILED = "RulesNotReconciled";

    @Override
    public String name() {
        return "the mesh";
    }

    @Override
    public List<RouteKind> kinds() {
        return List.of(RouteKind.DestinationRule, RouteKind.VirtualService);
    }

    @Override
    public Optional<String> obstacle(InferenceService service) {
        return GatewaySupport.refusal(service.getSpec(), Set.of()).map(Refusal::message);
    }

    @Override
    public List<HasMetadata> render(InferenceService service, Routing routing) {
        return MeshRules.render(service, routing);
    }

    @Override
    public Convergence accepted(List<HasMetadata> objects) {
        return objects.stream()
                .filter(GenericKubernetesResource.class::isInstance)
                .map(GenericKubernetesResource.class::cast)
                .flatMap(MeshFront::refusals)
                .findFirst()
                .map(why -> Convergence.pending(0, NOT_RECONCILED, why))
                .orElseGet(() -> Convergence.complete(0));
    }

    @Override
    public Optional<String> unproven(InferenceService service, Routing routing) {
        return Optional.empty();
    }

    private static Stream<String> refusals(GenericKubernetesResource object) {
        return object.get("status", "conditions") instanceof List<?> conditions
                ? conditions.stream()
                        .filter(Map.class::isInstance)
                        .map(condition -> (Map<?, ?>) condition)
                        .filter(condition ->
                                "Reconciled".equals(condition.get("type")) && "False".equals(condition.get("status")))
                        .map(condition ->
                                object.getKind() + " " + object.getMetadata().getName()
                                        + ": Istio says Reconciled=False: " + condition.get("message"))
                : Stream.empty();
    }
}
