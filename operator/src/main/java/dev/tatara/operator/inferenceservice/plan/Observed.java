package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that decisions about a service rest on, as seen at one instant.
 *
 * @param revisions the frozen revisions, by id
 * @param deployments Deployments of the service, by revision
 * @param front the Service that clients call, {@code null} while there is none
 * @param others ConfigMaps and PodDisruptionBudgets of the service, and Services besides {@code front}
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

    /** The ConfigMap with the service's traffic table; {@code null} while there is none. */
    public ConfigMap table() {
        var name = service.getMetadata().getName() + "-traffic";
        return others.stream()
                .filter(object -> object instanceof ConfigMap
                        && object.getMetadata().getName().equals(name))
                .map(ConfigMap.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** Services besides {@code front}. */
    public List<Service> services() {
        return others.stream()
                .filter(Service.class::isInstance)
                .map(Service.class::cast)
                .toList();
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

    /** The model that was chosen to be served; empty where none could be. */
    public Optional<ServedModel> chosen() {
        return choice instanceof ModelChoice.Chosen chosen ? Optional.of(chosen.model()) : Optional.empty();
    }

    /** The model that a revision serves; one rendered just now serves what was chosen. */
    public Optional<ServedModel> servedBy(String revision) {
        return modelOf(revision).or(this::chosen);
    }

    /** A revision as people know it. */
    public String nameOf(String revision) {
        return servedBy(revision).map(ServedModel::modelVersion).orElse("revision " + revision);
    }

    /** Whether the revision is meant to have no pods. */
    public boolean isScaledToZero(String revision) {
        return deployments.containsKey(revision) && replicas(revision) == 0;
    }

    /** Whether the service went back from this revision, or from the model that it serves. */
    public boolean isRejected(String revision, Optional<ServedModel> model) {
        return rejectionOf(revision, model).isPresent();
    }

    /** Why the service went back from this revision, or from the model that it serves; first what blames the model. */
    Optional<Rejection> rejectionOf(String revision, Optional<ServedModel> model) {
        return rejections.stream()
                .filter(rejection -> rejection.revision().equals(revision)
                        || (Boolean.TRUE.equals(rejection.quarantine())
                                && model.filter(served -> served.digest().equals(rejection.digest()))
                                        .isPresent()))
                .min(Comparator.comparing(rejection -> !Boolean.TRUE.equals(rejection.quarantine())));
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
        return isObserved(revision) && availableReplicas(revision) >= wanted;
    }

    /** Pods of the revision's current template that are ready; none before the server's controllers know of it. */
    public int availableReplicas(String revision) {
        return isObserved(revision)
                ? Math.min(
                        number(status(revision).map(DeploymentStatus::getAvailableReplicas)),
                        number(status(revision).map(DeploymentStatus::getUpdatedReplicas)))
                : 0;
    }

    private boolean isObserved(String revision) {
        return status(revision)
                .map(DeploymentStatus::getObservedGeneration)
                .filter(seen -> seen >= deployments.get(revision).getMetadata().getGeneration())
                .isPresent();
    }

    /** Since when pods of the revision are missing; empty if none are, or the revision has none. */
    public Optional<Instant> unavailableSince(String revision) {
        var deployment = deployments.get(revision);
        if (deployment == null) {
            return Optional.empty();
        }
        var condition = status(revision).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(found -> found.getType().equals("Available"))
                .findFirst();
        return condition.isPresent()
                ? condition
                        .filter(found -> !found.getStatus().equals("True"))
                        .flatMap(found -> instant(found.getLastTransitionTime()))
                : Optional.ofNullable(deployment.getMetadata().getCreationTimestamp())
                        .flatMap(Observed::instant);
    }

    /** What ails the revision's pods. */
    public Optional<String> troubleOf(String revision) {
        return PodTrouble.in(podsWith(revision));
    }

    /** Pods of the revision, terminating ones too. */
    List<Pod> podsWith(String revision) {
        return pods.stream()
                .filter(pod -> revision.equals(pod.getMetadata().getLabels().get(Labels.REVISION)))
                .toList();
    }

    /** Whether the latest that is known of a revision is that it was promoted. */
    boolean wasPromotedLast(String revision) {
        return lastOutcome(revision)
                .filter(outcome -> outcome.outcome() == Outcome.End.Promoted)
                .isPresent();
    }

    /** Whether the revision is known to have served. */
    boolean wasEverPromoted(String revision) {
        return service.getStatus() != null
                && service.getStatus().history().stream()
                        .anyMatch(outcome ->
                                outcome.revision().equals(revision) && outcome.outcome() == Outcome.End.Promoted);
    }

    /** When the service gave a revision up; empty if it was replaced, or nothing is known. */
    Optional<Instant> givenUpAt(String revision) {
        return lastOutcome(revision)
                .filter(outcome -> outcome.outcome() != Outcome.End.Promoted)
                .map(Outcome::at);
    }

    private Optional<Outcome> lastOutcome(String revision) {
        return service.getStatus() == null
                ? Optional.empty()
                : service.getStatus().history().stream()
                        .filter(outcome -> outcome.revision().equals(revision))
                        .findFirst();
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
