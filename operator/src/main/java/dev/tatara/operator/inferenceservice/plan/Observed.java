package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that decisions about a service rest on, as seen at one instant.
 *
 * @param revisions the frozen revisions, by id
 * @param deployments Deployments of the service, by revision
 * @param front the Service that clients call, {@code null} while there is none
 * @param others ConfigMaps and PodDisruptionBudgets of the service
 * @param rejections revisions and models that the service went back from and that nobody has released
 * @param policies DriftPolicies that may ask for a rollback of the service
 */
public record Observed(
        InferenceService service,
        ModelChoice choice,
        Map<String, Revision> revisions,
        Map<String, Deployment> deployments,
        Service front,
        HorizontalPodAutoscaler autoscaler,
        Collection<? extends HasMetadata> others,
        List<Pod> pods,
        List<Rejection> rejections,
        List<DriftPolicy> policies,
        Instant now) {
    public Observed {
        rejections = List.copyOf(rejections);
        policies = List.copyOf(policies);
    }

    /**
     * The revision that carries the traffic. The Service's selector is the truth, a status may have been lost; a
     * revision that the selector names but that is gone counts as none.
     */
    public Optional<String> selectedRevision() {
        return Optional.ofNullable(front)
                .map(service -> service.getSpec().getSelector())
                .map(selector -> selector.get(Labels.REVISION))
                .filter(revision -> revisions.containsKey(revision) || deployments.containsKey(revision));
    }

    /** Since when the selected revision carries the traffic. */
    public Optional<Instant> selectedAt() {
        return Optional.ofNullable(front)
                .map(service -> service.getMetadata().getAnnotations().get(ServingObjects.SELECTED_AT))
                .flatMap(Observed::instant);
    }

    /** Pods that the revision has ready to answer. */
    public int readyReplicas(String revision) {
        return number(Optional.ofNullable(deployments.get(revision))
                .map(found -> found.getStatus().getReadyReplicas()));
    }

    /** Pods that the revision's Deployment is set to. */
    public int replicas(String revision) {
        return number(Optional.ofNullable(deployments.get(revision))
                .map(found -> found.getSpec().getReplicas()));
    }

    /** Pods that the revision's Deployment has, ready or not. */
    public int podsOf(String revision) {
        return number(status(revision).map(DeploymentStatus::getReplicas));
    }

    /** The model that a frozen revision serves. */
    public Optional<ServedModel> modelOf(String revision) {
        return Optional.ofNullable(revisions.get(revision))
                .map(found -> found.frozen().model());
    }

    /** Whether the service went back from this revision, or from the model that it serves. */
    public boolean isRejected(String revision, Optional<ServedModel> model) {
        return rejections.stream()
                .anyMatch(rejection -> rejection.revision().equals(revision)
                        || (Boolean.TRUE.equals(rejection.quarantine())
                                && model.filter(served -> served.digest().equals(rejection.digest()))
                                        .isPresent()));
    }

    /** The revision that traffic goes back to: promoted before, kept, and not rejected. */
    public Optional<String> wayBack() {
        return service.getStatus() == null
                ? Optional.empty()
                : Promotions.of(service.getStatus()).earlier().stream()
                        .filter(revisions::containsKey)
                        .filter(revision -> !isRejected(revision, modelOf(revision)))
                        .findFirst();
    }

    /** The serving image of a revision's pods. */
    public Optional<String> imageOf(String revision) {
        return Optional.ofNullable(deployments.get(revision))
                .flatMap(found -> found.getSpec().getTemplate().getSpec().getContainers().stream()
                        .filter(container -> container.getName().equals(PodRenderer.CONTAINER))
                        .map(Container::getImage)
                        .findFirst());
    }

    private Optional<DeploymentStatus> status(String revision) {
        return Optional.ofNullable(deployments.get(revision)).map(Deployment::getStatus);
    }

    /** Whether the revision has {@code wanted} pods of its current template that are ready. */
    public boolean isAvailable(String revision, int wanted) {
        var deployment = deployments.get(revision);
        if (deployment == null || deployment.getStatus() == null) {
            return false;
        }
        var status = deployment.getStatus();
        return number(Optional.ofNullable(status.getObservedGeneration()).map(Long::intValue))
                        >= deployment.getMetadata().getGeneration()
                && number(Optional.ofNullable(status.getAvailableReplicas())) >= wanted
                && number(Optional.ofNullable(status.getUpdatedReplicas())) >= wanted;
    }

    private static int number(Optional<Integer> value) {
        return value.orElse(0);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
