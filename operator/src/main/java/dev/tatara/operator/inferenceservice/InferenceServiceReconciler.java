package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.plan.FeatureChooser;
import dev.tatara.operator.inferenceservice.plan.ModelChoice;
import dev.tatara.operator.inferenceservice.plan.ModelChooser;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Revision;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner.Signals;
import dev.tatara.operator.inferenceservice.plan.ServingSettings;
import dev.tatara.operator.inferenceservice.plan.Support;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.OutdatedTableException;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.NameTakenException;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Serves models: reads what a service asks for and what is there, plans, applies the plan, reports. */
@ApplicationScoped
@ControllerConfiguration(name = "inferenceservice")
public class InferenceServiceReconciler implements Reconciler<InferenceService> {
    private static final Duration LATER = Duration.ofSeconds(30);
    /** Changes that are written one after the other before other services get their turn. */
    private static final int LOOKS = 8;

    private static final String BY_MODEL = "services-by-model";
    private static final String BY_VIEW = "services-by-view";
    private static final String VERSIONS = "versions-by-model";
    private static final String POLICIES = "policies-by-service";

    private final KubernetesClient client;
    private final Applier applier;
    private final StatusWriter statusWriter;
    private final EventRecorder events;
    private final InstantSource clock;
    private final PodRenderer renderer;
    private final RolloutPlanner planner;
    private final TrafficProvider traffic;
    private final CandidateJudge judge;
    private final ServiceWakeUps wakeUps;
    private final RolloutMetrics metrics;
    /** Objects as our own writes left them, by uid, until the informer has seen them too. */
    private final Map<String, InferenceService> written = new ConcurrentHashMap<>();

    private volatile InformerEventSource<ModelVersion, InferenceService> versions;
    private volatile InformerEventSource<FeatureView, InferenceService> views;
    private volatile InformerEventSource<DriftPolicy, InferenceService> policies;

    InferenceServiceReconciler(
            KubernetesClient client,
            Applier applier,
            StatusWriter statusWriter,
            EventRecorder events,
            InstantSource clock,
            OperatorSettings settings,
            TrafficProvider traffic,
            CandidateJudge judge,
            ServiceWakeUps wakeUps,
            MeterRegistry registry) {
        this.client = client;
        this.applier = applier;
        this.statusWriter = statusWriter;
        this.events = events;
        this.clock = clock;
        this.renderer = new PodRenderer(client.getKubernetesSerialization());
        this.planner =
                new RolloutPlanner(renderer, client.getKubernetesSerialization(), servingSettings(settings, traffic));
        this.traffic = traffic;
        this.judge = judge;
        this.wakeUps = wakeUps;
        this.metrics = new RolloutMetrics(registry);
    }

    @Override
    public UpdateControl<InferenceService> reconcile(InferenceService known, Context<InferenceService> context) {
        try {
            return look(known, context);
        } catch (OutdatedTableException e) {
            // Another replica leads, or the informer is behind what was written here before a restart.
            return WakeUp.soon();
        }
    }

    private UpdateControl<InferenceService> look(InferenceService known, Context<InferenceService> context) {
        if (known.getMetadata().getDeletionTimestamp() != null) {
            written.remove(known.getMetadata().getUid());
            return UpdateControl.noUpdate();
        }
        var service = latest(known);
        // What changed is written before anything is done about it, and then looked at again.
        for (int look = 0; look < LOOKS; look++) {
            var observed = observe(service, context);
            var refusal = refusal(observed);
            var plan = plan(observed, refusal);
            var rollback = Rollbacks.decide(observed);
            if (rollback.isEmpty() && plan.note() == null) {
                return carryOut(observed, plan, refusal, context);
            }
            rollback.ifPresent(answer -> tellRefused(known, answer));
            tellRefused(known, plan.note());
            var stored = report(observed, plan, refusal, rollback, null);
            if (stored.outcome() == StatusWriter.Outcome.Outdated) {
                return WakeUp.soon();
            }
            service = stored.object();
        }
        return WakeUp.soon();
    }

    /** The plan, and while a rollout is under way the one that follows from how far the first one's traffic is. */
    private Plan plan(Observed observed, Optional<Refusal> refusal) {
        var plan = planner.plan(observed, refusal, Signals.NONE);
        if (plan.note() != null || !(plan.rollout() instanceof Plan.Rollout.Rolling)) {
            return plan;
        }
        var convergence = route(observed, plan);
        var due = plan.judging();
        var results = due == null
                ? Optional.<List<CheckResult>>empty()
                : judge.judge(
                        observed.service(),
                        due.stable(),
                        due.candidate(),
                        due.stage(),
                        due.since(),
                        observed.now(),
                        observed.pods());
        return planner.plan(observed, refusal, new Signals(convergence, results.orElse(null)));
    }

    private Convergence route(Observed observed, Plan plan) {
        return plan.routing() == null
                ? null
                : traffic.route(observed.service(), plan.routing(), observed.pods(), observed.table());
    }

    private UpdateControl<InferenceService> carryOut(
            Observed observed, Plan plan, Optional<Refusal> refusal, Context<InferenceService> context) {
        Convergence convergence;
        try {
            convergence = route(observed, plan);
            apply(plan, context);
        } catch (NameTakenException e) {
            var taken = new Refusal(Refusal.NAME_TAKEN, e.getMessage());
            report(
                    observed,
                    planner.plan(observed, Optional.of(taken), Signals.NONE),
                    Optional.of(taken),
                    Optional.empty(),
                    null);
            return UpdateControl.<InferenceService>noUpdate().rescheduleAfter(LATER);
        }
        var stored = report(observed, plan, refusal, Optional.empty(), convergence);
        return switch (stored.outcome()) {
            case Outdated -> WakeUp.soon();
            case Written, Unchanged ->
                plan.recheckAfter() == null
                        ? UpdateControl.noUpdate()
                        : UpdateControl.<InferenceService>noUpdate()
                                .rescheduleAfter(plan.recheckAfter().plusMillis(100));
        };
    }

    private void tellRefused(InferenceService service, Rollbacks.Answer answer) {
        answer.refused()
                .forEach((trigger, why) -> events.publish(
                        service,
                        InferenceServiceEvent.RollbackRefused,
                        "doesn't go back, as trigger " + trigger + " asks: " + why,
                        trigger));
    }

    private void tellRefused(InferenceService service, Decision.Note note) {
        if (note != null) {
            note.refused()
                    .forEach((order, why) -> events.publish(
                            service,
                            InferenceServiceEvent.OrderRefused,
                            "annotation " + Labels.GROUP + "/" + order + " leads to nothing: " + why,
                            order));
        }
    }

    /** The object as it is known best: the informer may not have seen yet what was written here. */
    private InferenceService latest(InferenceService known) {
        var own = written.get(known.getMetadata().getUid());
        if (own == null) {
            return known;
        }
        if (version(known) < version(own)) {
            return own;
        }
        written.remove(known.getMetadata().getUid());
        return known;
    }

    private static long version(InferenceService service) {
        return Long.parseLong(service.getMetadata().getResourceVersion());
    }

    private Optional<Refusal> refusal(Observed observed) {
        var spec = observed.service().getSpec();
        var reserved = renderer.reservedFieldsIn(spec);
        if (!reserved.isEmpty()) {
            return Optional.of(new Refusal(
                    Refusal.INVALID_POD_TEMPLATE,
                    "spec.podTemplate sets fields that the operator needs for itself: " + String.join(", ", reserved)
                            + "; remove them"));
        }
        return Support.refusal(spec).or(() -> refusedRollout(observed));
    }

    /** What only matters when there is something to roll out. */
    private Optional<Refusal> refusedRollout(Observed observed) {
        if (!(observed.choice() instanceof ModelChoice.Chosen chosen)) {
            return Optional.empty();
        }
        var asked = planner.askedFor(observed, chosen);
        var selected = observed.selectedRevision();
        if (selected.isPresent() && !selected.get().equals(asked.id())) {
            var stages = Stages.of(observed.service().getSpec().rollout());
            var obstacle = stages.stream()
                    .flatMap(stage -> Stream.of(
                                    Stages.obstacle(stage),
                                    stage.atOnce() ? Optional.<String>empty() : traffic.obstacle(stage),
                                    judge.obstacle(stage))
                            .flatMap(Optional::stream))
                    .findFirst()
                    .map(why -> new Refusal(Refusal.NOT_SUPPORTED, why))
                    .or(() -> planner.unrouted(observed, asked));
            if (obstacle.isPresent()) {
                return obstacle;
            }
        }
        return observed.revisions().containsKey(asked.id())
                ? Optional.empty()
                : applier.refusal(planner.deploymentOf(observed.service(), asked))
                        .map(words -> new Refusal(
                                Refusal.INVALID_POD_TEMPLATE,
                                "the API server refuses the pods: " + words + "; correct spec.podTemplate"));
    }

    private void apply(Plan plan, Context<InferenceService> context) {
        for (var desired : plan.apply()) {
            applier.apply(desired, present(desired, context));
        }
        plan.scale()
                .forEach(scale -> applier.scale(
                        context.getPrimaryResource().getMetadata().getNamespace(),
                        scale.deployment(),
                        scale.replicas()));
        plan.delete().forEach(applier::delete);
    }

    private StatusWriter.Stored<InferenceService> report(
            Observed observed,
            Plan plan,
            Optional<Refusal> refusal,
            Optional<Rollbacks.Answer> rollback,
            Convergence convergence) {
        var service = observed.service();
        var status = new InferenceServiceStatusFactory(observed, plan, refusal, rollback, convergence).create();
        events.publish(service, InferenceServiceEvents.between(service.getStatus(), status));
        var stored = statusWriter.store(service, status);
        if (stored.outcome() == StatusWriter.Outcome.Written) {
            written.put(service.getMetadata().getUid(), stored.object());
        }
        return stored;
    }

    private Observed observe(InferenceService service, Context<InferenceService> context) {
        var serialization = client.getKubernetesSerialization();
        var candidates = candidates(service);
        return new Observed(
                service,
                FeatureChooser.complete(
                        ModelChooser.choose(service.getSpec().model(), candidates),
                        service.getSpec().features(),
                        views(service)),
                owned(ControllerRevision.class, context)
                        .map(object -> Revision.read(object, serialization))
                        .collect(Collectors.toMap(Revision::id, Function.identity())),
                owned(Deployment.class, context)
                        .collect(Collectors.toMap(
                                deployment ->
                                        deployment.getMetadata().getLabels().get(Labels.REVISION),
                                Function.identity())),
                front(service, context),
                owned(HorizontalPodAutoscaler.class, context).findFirst().orElse(null),
                Stream.of(
                                owned(ConfigMap.class, context),
                                owned(PodDisruptionBudget.class, context),
                                owned(Service.class, context).filter(object -> !isNamedAs(service, object)))
                        .<HasMetadata>flatMap(objects -> objects)
                        .toList(),
                List.copyOf(context.getSecondaryResources(Pod.class)),
                service.getStatus() == null ? List.of() : Rollbacks.inForce(service.getStatus(), candidates),
                policies.byIndex(POLICIES, keyOf(service)).stream()
                        .sorted(Comparator.comparing(
                                policy -> policy.getMetadata().getName()))
                        .toList(),
                // Whole seconds, as times in the API are.
                clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * The Service that clients call. Its selector says who is stable, so that an informer that lags behind our own
     * write would have a promotion begin again: where the two disagree, the server is asked.
     */
    private Service front(InferenceService service, Context<InferenceService> context) {
        var seen = owned(Service.class, context)
                .filter(object -> isNamedAs(service, object))
                .findFirst()
                .orElse(null);
        var stable = service.getStatus() == null ? null : service.getStatus().stable();
        if (stable == null
                || (seen != null
                        && stable.revision().equals(seen.getSpec().getSelector().get(Labels.REVISION)))) {
            return seen;
        }
        var live = client.services()
                .inNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .get();
        return live != null && Owners.owns(service, live) ? live : null;
    }

    private static boolean isNamedAs(InferenceService service, HasMetadata object) {
        return object.getMetadata().getName().equals(service.getMetadata().getName());
    }

    /** The versions that the service may mean: the one it names, or all of the model it follows. */
    private Collection<ModelVersion> candidates(InferenceService service) {
        var namespace = service.getMetadata().getNamespace();
        var model = service.getSpec().model();
        return model.versionRef() != null
                ? versions.get(new ResourceID(model.versionRef().name(), namespace)).stream()
                        .toList()
                : versions.byIndex(VERSIONS, namespace + "/" + model.follow().model());
    }

    /** The views that the service looks features up in, as far as they are there. */
    private Collection<FeatureView> views(InferenceService service) {
        return viewNames(service)
                .flatMap(name ->
                        views.get(new ResourceID(name, service.getMetadata().getNamespace())).stream())
                .toList();
    }

    private static Stream<String> viewNames(InferenceService service) {
        return service.getSpec().features() == null
                ? Stream.empty()
                : service.getSpec().features().featureViews().stream()
                        .map(LocalReference::name)
                        .distinct();
    }

    private static <R extends HasMetadata> Stream<R> owned(Class<R> kind, Context<InferenceService> context) {
        return context.getSecondaryResourcesAsStream(kind)
                .filter(object -> Owners.owns(context.getPrimaryResource(), object));
    }

    @SuppressWarnings("unchecked") // an object's class is the class of its kind
    private static <T extends HasMetadata> T present(T desired, Context<InferenceService> context) {
        return owned((Class<T>) desired.getClass(), context)
                .filter(object -> object.getMetadata()
                        .getName()
                        .equals(desired.getMetadata().getName()))
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<EventSource<?, InferenceService>> prepareEventSources(EventSourceContext<InferenceService> context) {
        context.getPrimaryCache().addIndexer(BY_MODEL, service -> List.of(modelKey(service)));
        versions = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ModelVersion.class, InferenceService.class)
                        .withSecondaryToPrimaryMapper(version -> servicesMeaning(version, context))
                        .build(),
                context);
        versions.addIndexers(Map.of(
                VERSIONS,
                version -> List.of(version.getMetadata().getNamespace() + "/"
                        + version.getSpec().model())));
        context.getPrimaryCache().addIndexer(BY_VIEW, service -> viewNames(service)
                .map(name -> service.getMetadata().getNamespace() + "/" + name)
                .toList());
        views = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(FeatureView.class, InferenceService.class)
                        .withSecondaryToPrimaryMapper(view -> servicesWith(view, context))
                        .build(),
                context);
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(DriftPolicy.class, InferenceService.class)
                        .withSecondaryToPrimaryMapper(policy -> mayRollBack(policy)
                                ? Set.of(new ResourceID(
                                        policy.getSpec().target().inferenceService(),
                                        policy.getMetadata().getNamespace()))
                                : Set.of())
                        .withPrimaryToSecondaryMapper((InferenceService service) -> Set.of())
                        .build(),
                context);
        policies.addIndexer(
                POLICIES,
                policy -> mayRollBack(policy)
                        ? List.of(policy.getMetadata().getNamespace() + "/"
                                + policy.getSpec().target().inferenceService())
                        : List.of());
        var sources = new ArrayList<EventSource<?, InferenceService>>();
        sources.add(versions);
        sources.add(views);
        sources.add(policies);
        sources.add(wakeUps);
        sources.add(metrics);
        Stream.of(
                        ControllerRevision.class,
                        Deployment.class,
                        Service.class,
                        HorizontalPodAutoscaler.class,
                        ConfigMap.class,
                        PodDisruptionBudget.class,
                        Pod.class)
                .forEach(kind -> sources.add(informer(kind, context)));
        return sources;
    }

    private static <R extends HasMetadata> InformerEventSource<R, InferenceService> informer(
            Class<R> kind, EventSourceContext<InferenceService> context) {
        var selector = Labels.MANAGED_SELECTOR + "," + Labels.ownerKey(InferenceService.class);
        return OwnedObjects.informer(kind, kind.getSimpleName(), selector, InferenceService.class, context);
    }

    private static Set<ResourceID> servicesMeaning(ModelVersion version, EventSourceContext<InferenceService> context) {
        var namespace = version.getMetadata().getNamespace();
        return Stream.of(
                        namespace + "/version/" + version.getMetadata().getName(),
                        namespace + "/model/" + version.getSpec().model())
                .flatMap(key -> context.getPrimaryCache().byIndex(BY_MODEL, key).stream())
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static Set<ResourceID> servicesWith(FeatureView view, EventSourceContext<InferenceService> context) {
        return context.getPrimaryCache().byIndex(BY_VIEW, keyOf(view)).stream()
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static boolean mayRollBack(DriftPolicy policy) {
        return policy.getSpec() != null
                && policy.getSpec().actions().stream().anyMatch(action -> action.then() == Action.Then.Rollback);
    }

    private static String keyOf(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private static String modelKey(InferenceService service) {
        var model = service.getSpec().model();
        return service.getMetadata().getNamespace()
                + (model.versionRef() != null
                        ? "/version/" + model.versionRef().name()
                        : "/model/" + model.follow().model());
    }

    private static ServingSettings servingSettings(OperatorSettings settings, TrafficProvider traffic) {
        return new ServingSettings(
                settings.image().runtime(),
                settings.image().pullPolicy(),
                settings.artifactStore().uri(),
                settings.artifactStore().endpoint().orElse(null),
                settings.artifactStore().secretName(),
                settings.rollout().scaleDownDelay(),
                settings.rollout().progressDeadline(),
                traffic.publicKey());
    }
}
