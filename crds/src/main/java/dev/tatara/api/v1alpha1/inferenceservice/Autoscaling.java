package dev.tatara.api.v1alpha1.inferenceservice;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.PassedOn;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Lets the load decide the number of pods, by a HorizontalPodAutoscaler.
 *
 * @param minReplicas Fewest pods. 1 where absent.
 * @param maxReplicas Most pods.
 * @param cpuUtilization Percentage of the requested CPU that the pods are kept at. 80 where absent and there are no
 *     metrics.
 * @param metrics Further metrics, as in spec.metrics of autoscaling/v2; passed on as they are.
 */
@ApiType
@ValidationRule(
        value = "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
        message = "minReplicas must not be above maxReplicas: lower the one or raise the other")
public record Autoscaling(
        @Min(1) @Max(10_000) Integer minReplicas,
        @Required @Min(1) @Max(10_000) Integer maxReplicas,
        @Min(1) @Max(1000) Integer cpuUtilization,
        @PassedOn @Size(max = 16) List<JsonNode> metrics) {
    public Autoscaling {
        metrics = Absent.orCopy(metrics);
    }
}
