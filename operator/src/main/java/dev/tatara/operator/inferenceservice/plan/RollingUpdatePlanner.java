package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.ServingRuntime;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Plans strategy RollingUpdate: the candidate comes up at full size beside stable; when all its pods are available the
 * Service selects it, all at once; stable's pods stay for the scale-down delay, so that every router has learnt of the
 * change before they go, and a way back needs no pod to start.
 *
 * <p>Pure. The state it continues from is in the observed objects alone: the Service's selector says what is stable, the
 * specification what is asked for.
 */
public final class RollingUpdatePlanner {
    private static final int KEPT_REVISIONS = 10;

    private final PodRenderer renderer;
    private final KubernetesSerialization serialization;
    private final ServingSettings settings;

    public RollingUpdatePlanner(PodRenderer renderer, KubernetesSerialization serialization, ServingSettings settings) {
        this.renderer = renderer;
        this.serialization = serialization;
        this.settings = settings;
    }

    /** The plan for a service whose specification can be honoured. */
    public Plan plan(Observed observed) {
        return switch (observed.choice()) {
            case ModelChoice.Chosen chosen -> planFor(observed, chosen);
            case ModelChoice.Waiting(String reason, String message) -> hold(observed, reason, message);
        };
    }

    /** The plan for a service whose specification can't be honoured: what serves stays as it is. */
    public Plan hold(Observed observed, Refusal refusal) {
        return hold(observed, refusal.reason(), refusal.message());
    }

    private Plan hold(Observed observed, String reason, String message) {
        return goBack(observed, reason, message).orElseGet(() -> stay(observed, reason, message));
    }

    private Plan stay(Observed observed, String reason, String message) {
        return observed.selectedRevision()
                .map(stable -> new Step(observed)
                        .keep(stable)
                        .route(stable)
                        .finish(new Plan.Rollout.Held(stable, reason, message)))
                .orElseGet(() -> new Step(observed).finish(new Plan.Rollout.Nothing(reason, message)));
    }

    /** The revision that the specification asks for with this model, as it is frozen or, if it is new, rendered now. */
    public Revision askedFor(Observed observed, ModelChoice.Chosen chosen) {
        var content = RevisionContent.of(observed.service().getSpec(), chosen);
        var id = content.id();
        var highest = observed.revisions().values().stream()
                .mapToLong(Revision::number)
                .max()
                .orElse(0);
        var known = observed.revisions().get(id);
        if (known == null) {
            return new Revision(
                    id, highest + 1, renderer.render(observed.service(), content, chosen.facts(), settings));
        }
        var numbered = known.number() == highest ? known : known.withNumber(highest + 1);
        if (!upgradesAutomatically(observed.service())) {
            return numbered;
        }
        // What is told of a model is no reason to start its pods anew.
        var facts =
                known.frozen().facts() == null ? chosen.facts() : known.frozen().facts();
        return new Revision(id, numbered.number(), renderer.render(observed.service(), content, facts, settings));
    }

    /** The Deployment of a revision, for the API server's opinion before it is frozen. */
    public HasMetadata deploymentOf(InferenceService service, Revision revision) {
        return ServingObjects.deployment(service, revision, progressDeadline(service));
    }

    /** The traffic's way from a revision that was rejected to the one before; empty where there is none. */
    private Optional<Plan> goBack(Observed observed, String reason, String message) {
        return observed.selectedRevision()
                .filter(stable -> observed.isRejected(stable, observed.modelOf(stable)))
                .flatMap(stable -> observed.wayBack()
                        .map(back -> roll(
                                observed,
                                stable,
                                observed.revisions().get(back),
                                false,
                                new Plan.Rollout.Held(back, reason, message))));
    }

    private Plan planFor(Observed observed, ModelChoice.Chosen chosen) {
        var asked = askedFor(observed, chosen);
        var selected = observed.selectedRevision();
        if (selected.isPresent() && observed.isRejected(asked.id(), Optional.of(chosen.model()))) {
            return hold(
                    observed,
                    Plan.Rollout.ROLLED_BACK,
                    "the service went back from " + chosen.model().modelVersion() + " (revision " + asked.id()
                            + "); it is rolled out again when the ModelVersion is released, or as another revision");
        }
        if (selected.isEmpty() || selected.get().equals(asked.id())) {
            return new Step(observed)
                    .run(
                            asked,
                            fixedOr(observed, selected.map(observed::replicas).orElse(0)),
                            selected.isEmpty())
                    .route(asked.id())
                    .finish(new Plan.Rollout.Settled(asked.id()));
        }
        return roll(
                observed, selected.get(), asked, isPaused(observed.service()), new Plan.Rollout.Settled(asked.id()));
    }

    /**
     * Brings a revision up and hands it the traffic.
     *
     * @param end where that leaves the service
     */
    private Plan roll(Observed observed, String stable, Revision candidate, boolean paused, Plan.Rollout end) {
        var exists = observed.deployments().containsKey(candidate.id());
        var wanted = fixedOr(observed, observed.replicas(stable));
        if (!paused && exists && observed.isAvailable(candidate.id(), wanted)) {
            return new Step(observed)
                    .run(candidate, wanted, true)
                    .select(candidate.id())
                    .finish(end);
        }
        var step = new Step(observed).keep(stable).route(stable);
        if (!paused || exists) {
            step.run(candidate, wanted, true);
        }
        var left = timeLeft(observed, candidate.id());
        var overdue = left.isPresent() && left.get().isZero();
        left.filter(time -> !time.isZero()).ifPresent(step::recheckAfter);
        return step.finish(new Plan.Rollout.Rolling(stable, candidate.id(), wanted, overdue, paused));
    }

    /** The number of pods the specification states, or with autoscaling what there is now, within its bounds. */
    private static int fixedOr(Observed observed, int current) {
        var spec = observed.service().getSpec();
        if (spec.autoscaling() == null) {
            return spec.replicas() == null ? 1 : spec.replicas();
        }
        return Math.clamp(
                current,
                ServingObjects.minReplicas(spec.autoscaling()),
                spec.autoscaling().maxReplicas());
    }

    private Optional<Duration> timeLeft(Observed observed, String candidate) {
        var deployment = observed.deployments().get(candidate);
        if (deployment == null || deployment.getMetadata().getCreationTimestamp() == null) {
            return Optional.empty();
        }
        var deadline = Instant.parse(deployment.getMetadata().getCreationTimestamp())
                .plus(progressDeadline(observed.service()));
        var left = Duration.between(observed.now(), deadline);
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }

    private Duration progressDeadline(InferenceService service) {
        return setting(service, Rollout::progressDeadline, settings.progressDeadline());
    }

    private static Duration setting(InferenceService service, Function<Rollout, TimeSpan> field, Duration otherwise) {
        return Optional.ofNullable(service.getSpec().rollout())
                .map(field)
                .map(TimeSpan::toDuration)
                .orElse(otherwise);
    }

    private static boolean isPaused(InferenceService service) {
        var rollout = service.getSpec().rollout();
        return rollout != null && Boolean.TRUE.equals(rollout.paused());
    }

    private static boolean upgradesAutomatically(InferenceService service) {
        var runtime = service.getSpec().runtime();
        return runtime != null && runtime.upgrade() == ServingRuntime.Upgrade.Automatic;
    }

    /** Gathers the parts of one plan. */
    private final class Step {
        private final Observed observed;
        private final InferenceService service;
        private final List<HasMetadata> apply = new ArrayList<>();
        private final List<Plan.Scale> scale = new ArrayList<>();
        private final Set<String> inUse = new HashSet<>();
        private Duration recheckAfter;
        private Instant selectedAt;

        Step(Observed observed) {
            this.observed = observed;
            this.service = observed.service();
            this.selectedAt = observed.selectedAt().orElse(observed.now());
        }

        /** Runs a revision; {@code replicas} hold unless an autoscaler has it in hand. */
        Step run(Revision revision, int replicas, boolean scaled) {
            inUse.add(revision.id());
            apply.add(revision.toObject(service, serialization));
            apply.add(ServingObjects.configuration(service, revision));
            apply.add(ServingObjects.deployment(service, revision, progressDeadline(service)));
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
        Step keep(String id) {
            inUse.add(id);
            var revision = observed.revisions().get(id);
            return revision == null ? this : run(revision, fixedOr(observed, observed.replicas(id)), false);
        }

        /** Sends the traffic to the revision that has it already, or that is the first. */
        Step route(String revision) {
            apply.add(ServingObjects.service(service, revision, selectedAt));
            if (service.getSpec().autoscaling() != null) {
                apply.add(ServingObjects.autoscaler(service, revision, serialization));
            }
            return this;
        }

        /** Sends the traffic to another revision from now on. */
        Step select(String revision) {
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
            return new Plan(List.copyOf(apply), List.copyOf(scale), List.copyOf(delete), recheckAfter, rollout);
        }

        /** Ends revisions that are no longer in use, once no router can still send them requests. */
        private void retire(List<HasMetadata> delete) {
            var delay = setting(service, Rollout::scaleDownDelay, settings.scaleDownDelay());
            var left = Duration.between(observed.now(), selectedAt.plus(delay));
            var retired = observed.deployments().entrySet().stream()
                    .filter(entry -> !inUse.contains(entry.getKey()))
                    .toList();
            if (retired.isEmpty()) {
                retireLeftovers(delete);
            } else if (left.isPositive()) {
                recheckAfter(left);
            } else {
                retired.forEach(entry -> delete.add(entry.getValue()));
                retireLeftovers(delete);
            }
        }

        private void retireLeftovers(List<HasMetadata> delete) {
            observed.others().stream()
                    .filter(object ->
                            !inUse.contains(object.getMetadata().getLabels().get(Labels.REVISION)))
                    .forEach(delete::add);
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
}
