package dev.tatara.api.v1alpha1.common;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Size;
import java.util.Map;

/**
 * A partial PodTemplateSpec. It is merged strategically over what the operator renders and checked by the API server's
 * dry run; fields that the operator keeps for itself are refused with a condition.
 *
 * @param metadata Labels and annotations to add to the pods.
 * @param spec A partial PodSpec: nodeSelector, tolerations, affinity, securityContext, containers merged by name, ….
 */
@ApiType
public record PodTemplate(Metadata metadata, @PassedOn JsonNode spec) {

    /**
     * Metadata to add to the pods.
     *
     * @param labels Labels to add; those of the operator win.
     * @param annotations Annotations to add.
     */
    @ApiType
    public record Metadata(
            @Size(max = 64) Map<String, @Size(max = 63) String> labels,
            @Size(max = 64) Map<String, @Size(max = 65_536) String> annotations) {
        public Metadata {
            labels = Absent.orCopy(labels);
            annotations = Absent.orCopy(annotations);
        }
    }
}
