package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.PodSigns;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.train.TrainerLogs;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that a decision about one training rests on. None of the objects is changed.
 *
 * @param job the training
 * @param jobs the Jobs of its runs
 * @param pods at least the pods of these Jobs
 * @param maps the ConfigMaps of its runs
 * @param services the Services of its runs
 * @param views the FeatureViews that it names, as far as they are there
 * @param feedback the InferenceService whose feedback it names, if it is there
 * @param versions the ModelVersions of its namespace that are of its model or have the name of one
 * @param policies the DriftPolicies that it names, as far as they are there
 * @param logs what trainers have written
 */
public record Observed(
        TrainingJob job,
        List<Job> jobs,
        Collection<Pod> pods,
        List<ConfigMap> maps,
        List<Service> services,
        List<FeatureView> views,
        List<InferenceService> feedback,
        List<ModelVersion> versions,
        List<DriftPolicy> policies,
        TrainerLogs logs) {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    public Observed {
        jobs = List.copyOf(jobs);
        maps = List.copyOf(maps);
        services = List.copyOf(services);
        views = List.copyOf(views);
        feedback = List.copyOf(feedback);
        versions = List.copyOf(versions);
        policies = List.copyOf(policies);
    }

    TrainingJobStatus status() {
        return job.getStatus() == null ? TrainingJobStatus.EMPTY : job.getStatus();
    }

    Optional<FeatureView> view(String name) {
        return named(views, name);
    }

    Optional<InferenceService> service(String name) {
        return named(feedback, name);
    }

    Optional<DriftPolicy> policy(String name) {
        return named(policies, name);
    }

    Optional<ConfigMap> map(String name) {
        return named(maps, name);
    }

    List<Job> jobsOf(long run) {
        return jobs.stream().filter(job -> RunLabels.runOf(job) == run).toList();
    }

    /** Whether nothing of a Job runs any more; its own word for that may come later than its pods'. */
    boolean hasEnded(Job job) {
        var own = pods.stream().filter(pod -> Owners.owns(job, pod)).toList();
        return PodSigns.endOf(job).isPresent()
                || (!own.isEmpty() && own.stream().allMatch(Observed::hasEnded));
    }

    /** Everything that belongs to runs. */
    Stream<HasMetadata> objects() {
        return Stream.of(jobs, services, maps).flatMap(List::stream);
    }

    private static boolean hasEnded(Pod pod) {
        var status = pod.getStatus();
        if (status == null) {
            return false;
        }
        return ENDED.contains(String.valueOf(status.getPhase()))
                || (!status.getContainerStatuses().isEmpty()
                        && status.getContainerStatuses().stream()
                                .allMatch(container -> container.getState() != null
                                        && container.getState().getTerminated() != null));
    }

    private static <T extends HasMetadata> Optional<T> named(List<T> objects, String name) {
        return objects.stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst();
    }
}
