package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.List;

/**
 * Everything that a decision about one version rests on. None of the objects is changed.
 *
 * @param version the version
 * @param siblings the other versions of the same model in the namespace
 * @param services the namespace's services that use the version or rejected its digest; others are passed over
 * @param jobs the version's inspection Jobs
 * @param pods at least the pods of these Jobs
 */
public record Observed(
        ModelVersion version,
        List<ModelVersion> siblings,
        List<InferenceService> services,
        List<Job> jobs,
        Collection<Pod> pods) {
    public Observed {
        siblings = List.copyOf(siblings);
        services = List.copyOf(services);
        jobs = List.copyOf(jobs);
    }

    public ModelVersionStatus status() {
        return statusOf(version);
    }

    static ModelVersionStatus statusOf(ModelVersion version) {
        return version.getStatus() == null ? ModelVersionStatus.EMPTY : version.getStatus();
    }
}
