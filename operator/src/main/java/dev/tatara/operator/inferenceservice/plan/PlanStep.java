package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gathers the parts of one plan. */
final class PlanStep {
    private static final int KEPT_REVISIONS = 10;

    private final KubernetesSerialization serialization;
    private final ServingSettings settings;
    private final Observed observed;
    private final InferenceService service;
    private final List<HasMetadata> apply = new ArrayList<>();
    private final List<Plan.Scale> scale = new ArrayList<>();
    private final Set<String> inUse = new HashSet<>();
    private Routing routing;
    private Plan.Judging judging;
    private int keptPods;
    private Duration recheckAfter;
    private Instant selectedAt;

    PlanStep(Observed observed, KubernetesSerialization serialization, ServingSettings settings) {
        this.serialization = serialization;
        this.settings = settings;
        this.observed = observed;
        this.service = observed.service();
        this.selectedAt = observed.selectedAt().orElse(observed.now());
    }

    /** Divides the requests so. */
    PlanStep divide(Routing division) {
        routing = division;
        return this;
    }

    /** Keeps an autoscaler from taking stable's pods while another revision carries a part of its traffic. */
    PlanStep keepPods(int count) {
        keptPods = count;
        return this;
    }

    /** Gives a candidate an address of its own. */
    void preview(String revision) {
        apply.add(ServingObjects.preview(service, revision));
    }

    /** Gives stable an address of its own, for who compares the two. */
    void stableAddress(String revision) {
        apply.add(ServingObjects.stable(service, revision));
    }

    void judge(Plan.Judging due) {
        judging = due;
    }

    /** Runs a revision; {@code replicas} hold unless an autoscaler has it in hand. */
    PlanStep run(Revision revision, int replicas, boolean scaled) {
        inUse.add(revision.id());
        apply.add(revision.toObject(service, serialization));
        apply.add(ServingObjects.configuration(service, revision));
        apply.add(ServingObjects.deployment(
                service, revision, settings.progressDeadlineOf(service), settings.trafficKey()));
        apply.add(ServingObjects.disruptionBudget(service, revision));
        var deployed = observed.deployments().containsKey(revision.id());
        // A Deployment that is new gets one pod from the API server.
        var current = deployed ? observed.replicas(revision.id()) : 1;
        var autoscaled = service.getSpec().autoscaling() != null;
        if (current != replicas && (!autoscaled || scaled)) {
            scale.add(new Plan.Scale(Revision.objectName(service, revision.id()), replicas));
        }
        return this;
    }

    /** Keeps a revision running as it was frozen. */
    PlanStep keep(String id) {
        inUse.add(id);
        var revision = observed.revisions().get(id);
        return revision == null ? this : run(revision, RolloutPlanner.fixedOr(observed, observed.replicas(id)), false);
    }

    /** Sends the traffic to the revision that has it already, or that is the first. */
    PlanStep route(String revision) {
        apply.add(ServingObjects.service(service, revision, selectedAt));
        if (service.getSpec().autoscaling() != null) {
            apply.add(ServingObjects.autoscaler(service, revision, keptPods, serialization));
        }
        return this;
    }

    /** Sends the traffic to another revision from now on. */
    PlanStep select(String revision) {
        selectedAt = observed.now();
        return route(revision);
    }

    void recheckAfter(Duration delay) {
        if (recheckAfter == null || delay.compareTo(recheckAfter) < 0) {
            recheckAfter = delay;
        }
    }

    Plan finish(Plan.Rollout rollout) {
        var delete = new ArrayList<HasMetadata>();
        if (service.getSpec().autoscaling() == null && observed.autoscaler() != null) {
            delete.add(observed.autoscaler());
        }
        retire(delete);
        forget(delete);
        return new Plan(
                null,
                routing == null ? rollsFrom(rollout) : routing,
                List.copyOf(apply),
                List.copyOf(scale),
                List.copyOf(delete),
                judging,
                recheckAfter,
                rollout);
    }

    /** The first revision gets everything. */
    private static Routing rollsFrom(Plan.Rollout rollout) {
        return rollout instanceof Plan.Rollout.Settled(String stable) ? Routing.to(stable) : null;
    }

    /** Ends revisions that are no longer in use, once no router can still send them requests. */
    private void retire(List<HasMetadata> delete) {
        var delay = settings.scaleDownDelayOf(service);
        var kept = new HashSet<>(inUse);
        observed.deployments().forEach((revision, deployment) -> {
            if (inUse.contains(revision)) {
                return;
            }
            var left = Duration.between(observed.now(), lostTrafficAt(revision).plus(delay));
            if (left.isPositive()) {
                kept.add(revision);
                recheckAfter(left);
            } else {
                delete.add(deployment);
            }
        });
        observed.others().stream().filter(object -> isLeftOver(object, kept)).forEach(delete::add);
    }

    /**
     * Since when a revision has had no traffic. A candidate that was given up without a ready pod can't have any; one
     * that served may be routing for clients that stay connected, ready or not.
     */
    private Instant lostTrafficAt(String revision) {
        var givenUp = observed.givenUpAt(revision);
        if (observed.wasEverPromoted(revision)) {
            return givenUp.filter(selectedAt::isBefore).orElse(selectedAt);
        }
        return givenUp.map(at -> observed.readyReplicas(revision) == 0 ? Instant.MIN : at)
                .orElse(selectedAt);
    }

    private boolean isLeftOver(HasMetadata object, Set<String> kept) {
        var revision = object.getMetadata().getLabels().get(Labels.REVISION);
        return object instanceof Service found
                ? !ServingObjects.isBackend(found)
                        && apply.stream()
                                .noneMatch(desired -> desired instanceof Service
                                        && desired.getMetadata()
                                                .getName()
                                                .equals(object.getMetadata().getName()))
                // What is the whole service's carries no revision.
                : revision != null && !kept.contains(revision);
    }

    /** Forgets the oldest frozen revisions. */
    private void forget(List<HasMetadata> delete) {
        observed.revisions().values().stream()
                .filter(revision -> !inUse.contains(revision.id())
                        && !observed.deployments().containsKey(revision.id()))
                .sorted(Comparator.comparingLong(Revision::number).reversed())
                .skip(KEPT_REVISIONS)
                .forEach(revision -> delete.add(revision.toObject(service, serialization)));
    }
}
