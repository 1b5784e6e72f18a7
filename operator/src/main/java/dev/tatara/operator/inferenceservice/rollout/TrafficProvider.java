package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Optional;

/** Divides the requests of a service between its revisions. */
public interface TrafficProvider {
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
     *
     * @param pods pods of all revisions of the service
     * @param stored the ConfigMap with the service's table as it was observed; {@code null} if there is none
     */
    Convergence route(InferenceService service, Routing routing, Collection<Pod> pods, ConfigMap stored);
}
