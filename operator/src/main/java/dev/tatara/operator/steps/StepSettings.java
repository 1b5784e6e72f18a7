package dev.tatara.operator.steps;

import dev.tatara.operator.config.OperatorSettings;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;

/**
 * What a step that reads rows is run with.
 *
 * @param image image of the steps
 * @param pullPolicy its imagePullPolicy
 * @param store artifact store, unless the resource that the step works for names its own
 * @param cpuRequest processor share that a step is given at least, as a Kubernetes quantity
 * @param memoryLimit memory limit of a step, as a Kubernetes quantity; rows that need more spill to scratch
 * @param scratchSize size limit of its scratch space, as a Kubernetes quantity
 */
public record StepSettings(
        String image, String pullPolicy, StoreAccess store, String cpuRequest, String memoryLimit, String scratchSize) {
    /** Room on the node beside the scratch space, for logs. */
    private static final BigDecimal LOG_BYTES = BigDecimal.valueOf(256L << 20);

    public static StepSettings of(OperatorSettings settings, OperatorSettings.StepResources resources) {
        return new StepSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                StoreAccess.of(settings),
                resources.cpuRequest(),
                resources.memoryLimit(),
                resources.scratchSize());
    }

    /** A pod that runs one step with that. */
    public StepPod pod(String container) {
        return new StepPod(container, image, pullPolicy, new Quantity(scratchSize)).resources(resources());
    }

    private ResourceRequirements resources() {
        var disk = Quantity.getAmountInBytes(new Quantity(scratchSize)).add(LOG_BYTES);
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity(cpuRequest))
                .addToRequests("memory", new Quantity("512Mi"))
                .addToRequests("ephemeral-storage", new Quantity("256Mi"))
                .addToLimits("memory", new Quantity(memoryLimit))
                .addToLimits(
                        "ephemeral-storage", new Quantity(disk.toBigInteger().toString()))
                .build();
    }
}
