package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Collection;
import java.util.Optional;

/** Divides the requests of a service between its revisions. */
public interface TrafficProvider {
    /**
     * What a division rests on, as it was observed.
     *
     * @param pods pods of all revisions of the service, those that are ending included
     * @param table the ConfigMap with the service's table; {@code null} if there is none
     * @param services the Kubernetes Services that the InferenceService owns, but for the one that clients call
     */
    record Seen(Collection<Pod> pods, ConfigMap table, Collection<Service> services) {}

    /** Why the requests of a service can't be divided as it asks, and what to do instead; empty if they can. */
    default Optional<String> obstacle(InferenceService service) {
        return Optional.empty();
    }

    /** Why the requests can't be divided as a stage has it, and what to do instead; empty if they can. */
    default Optional<String> obstacle(Stage stage) {
        return Optional.empty();
    }

    /** The public key by which pods know whom to believe; empty where pods don't divide the traffic. */
    default String publicKey() {
        return "";
    }

    /**
     * Brings a routing about, and says how far it is. Returns at once; whoever brings it about wakes the service when
     * there is more to say. To ask for what is in force already costs nothing.
     */
    Convergence route(InferenceService service, Routing routing, Seen seen);
}
