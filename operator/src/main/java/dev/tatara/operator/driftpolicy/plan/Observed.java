package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a decision about one policy rests on. None of the objects is changed.
 *
 * @param policy the policy
 * @param jobs its Jobs: evaluations and notifications
 * @param pods at least the pods of these Jobs
 * @param maps its ConfigMaps
 * @param service the service that it watches, {@code null} if it isn't there
 * @param version the ModelVersion that the service serves, {@code null} if it isn't known or there
 * @param view the FeatureView whose rows it counts, {@code null} if it counts none or the view isn't there
 * @param trainings the TrainingJobs that listen to it
 */
public record Observed(
        DriftPolicy policy,
        List<Job> jobs,
        Collection<Pod> pods,
        List<ConfigMap> maps,
        InferenceService service,
        ModelVersion version,
        FeatureView view,
        List<TrainingJob> trainings) {
    public Observed {
        jobs = List.copyOf(jobs);
        maps = List.copyOf(maps);
        trainings = List.copyOf(trainings);
    }

    DriftPolicyStatus status() {
        return policy.getStatus() == null ? DriftPolicyStatus.EMPTY : policy.getStatus();
    }

    /** The revision that carries the service's traffic. */
    Optional<RevisionStatus> stable() {
        return service == null || service.getStatus() == null
                ? Optional.empty()
                : Optional.ofNullable(service.getStatus().stable()).filter(stable -> stable.revision() != null);
    }

    /** The last trigger of an action. */
    Optional<Trigger> trigger(String action) {
        return status().triggers().stream()
                .filter(trigger -> trigger.action().equals(action))
                .findFirst();
    }

    boolean isDeleted() {
        return policy.getMetadata().getDeletionTimestamp() != null;
    }

    boolean isSuspended() {
        return Boolean.TRUE.equals(policy.getSpec().suspend());
    }
}
