package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/**
 * Compute resources of a container, as in a pod.
 *
 * @param requests What the container is guaranteed, by resource: cpu, memory, nvidia.com/gpu.
 * @param limits What the container may use at most, by resource.
 */
@ApiType
public record Resources(
        @Size(max = 16) Map<String, Quantity> requests,
        @Size(max = 16) Map<String, Quantity> limits) {
    public Resources {
        requests = Absent.orCopy(requests);
        limits = Absent.orCopy(limits);
    }
}
