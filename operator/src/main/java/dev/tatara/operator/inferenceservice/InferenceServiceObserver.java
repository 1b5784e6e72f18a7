package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.inferenceservice.plan.FeatureChooser;
import dev.tatara.operator.inferenceservice.plan.ModelChooser;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Revision;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.kubernetes.WatchedObjects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at everything that decisions about a service rest on: its own objects, and what others have that it means. */
final class InferenceServiceObserver {
    private static final String BY_MODEL = "services-by-model";
    private static final String BY_VIEW = "services-by-view";
    private static final String VERSIONS = "versions-by-model";
    private static final String POLICIES = "policies-by-service";

    private final KubernetesClient client;
    private final InstantSource clock;

    private volatile InformerEventSource<ModelVersion, InferenceService> versions;
    private volatile InformerEventSource<FeatureView, InferenceService> views;
    private volatile InformerEventSource<DriftPolicy, InferenceService> policies;

    InferenceServiceObserver(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** What is there now. */
    Observed observe(InferenceService service, Context<InferenceService> context) {
        var serialization = client.getKubernetesSerialization();
        var candidates = candidates(service);
        return new Observed(
                service,
                FeatureChooser.complete(
                        ModelChooser.choose(service.getSpec().model(), candidates),
                        service.getSpec().features(),
                        views(service)),
                OwnedObjects.of(ControllerRevision.class, context)
                        .map(object -> Revision.read(object, serialization))
                        .collect(Collectors.toMap(Revision::id, Function.identity())),
                OwnedObjects.of(Deployment.class, context)
                        .collect(Collectors.toMap(
                                deployment ->
                                        deployment.getMetadata().getLabels().get(Labels.REVISION),
                                Function.identity())),
                front(service, context),
                OwnedObjects.of(HorizontalPodAutoscaler.class, context)
                        .findFirst()
                        .orElse(null),
                Stream.of(
                                OwnedObjects.of(ConfigMap.class, context),
                                OwnedObjects.of(PodDisruptionBudget.class, context),
                                OwnedObjects.of(Service.class, context).filter(object -> !isNamedAs(service, object)))
                        .<HasMetadata>flatMap(objects -> objects)
                        .toList(),
                List.copyOf(context.getSecondaryResources(Pod.class)),
                service.getStatus() == null ? List.of() : Rollbacks.inForce(service.getStatus(), candidates),
                policies.byIndex(POLICIES, WatchedObjects.keyOf(service)).stream()
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
        var seen = OwnedObjects.of(Service.class, context)
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

    /** Watches everything that decisions about services rest on. */
    List<EventSource<?, InferenceService>> prepare(EventSourceContext<InferenceService> context) {
        context.getPrimaryCache().addIndexer(BY_MODEL, service -> List.of(modelKey(service)));
        versions = WatchedObjects.informer(
                ModelVersion.class,
                "versions",
                InferenceService.class,
                version -> servicesMeaning(version, context),
                context);
        versions.addIndexers(Map.of(
                VERSIONS,
                version ->
                        List.of(WatchedObjects.keyOf(version, version.getSpec().model()))));
        context.getPrimaryCache().addIndexer(BY_VIEW, service -> viewNames(service)
                .map(name -> WatchedObjects.keyOf(service, name))
                .toList());
        views = WatchedObjects.informer(
                FeatureView.class, "views", InferenceService.class, view -> servicesWith(view, context), context);
        policies = WatchedObjects.informer(
                DriftPolicy.class,
                "policies",
                InferenceService.class,
                policy -> mayRollBack(policy)
                        ? Set.of(new ResourceID(
                                policy.getSpec().target().inferenceService(),
                                policy.getMetadata().getNamespace()))
                        : Set.of(),
                context);
        policies.addIndexer(
                POLICIES,
                policy -> mayRollBack(policy)
                        ? List.of(WatchedObjects.keyOf(
                                policy, policy.getSpec().target().inferenceService()))
                        : List.of());
        var sources = new ArrayList<EventSource<?, InferenceService>>();
        sources.add(versions);
        sources.add(views);
        sources.add(policies);
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
        return WatchedObjects.idsOf(context.getPrimaryCache().byIndex(BY_VIEW, WatchedObjects.keyOf(view)));
    }

    private static boolean mayRollBack(DriftPolicy policy) {
        return policy.getSpec() != null
                && policy.getSpec().actions().stream().anyMatch(action -> action.then() == Action.Then.Rollback);
    }

    private static String modelKey(InferenceService service) {
        var model = service.getSpec().model();
        return service.getMetadata().getNamespace()
                + (model.versionRef() != null
                        ? "/version/" + model.versionRef().name()
                        : "/model/" + model.follow().model());
    }
}
