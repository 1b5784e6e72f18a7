package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** What stands before the pods of services and can divide their requests. */
interface Front {
    /** As people call it. */
    String name();

    /** The kinds of its objects, but for Services. */
    List<RouteKind> kinds();

    /** What a service asks for that can't be had this way, and what to do instead; empty if there is nothing. */
    Optional<String> obstacle(InferenceService service);

    /** The Services and the routes, in the order in which they are to be brought about. */
    List<HasMetadata> render(InferenceService service, Routing routing);

    /** Whether the objects, as the API server has them, were taken by whom they are for. */
    Convergence accepted(List<HasMetadata> objects);

    /** What is still missing until requests go as the accepted objects say; empty if they do, or nobody can tell. */
    Optional<String> unproven(InferenceService service, Routing routing);
}
