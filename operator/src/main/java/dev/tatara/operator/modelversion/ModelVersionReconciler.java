package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.kubernetes.WatchedObjects;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.InspectionJob;
import dev.tatara.operator.modelversion.plan.InspectionSettings;
import dev.tatara.operator.modelversion.plan.Observed;
import dev.tatara.operator.modelversion.plan.Usage;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.JobLauncher;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Verifies versions of models, judges their gates and approvals, elects the holder of a stage, and keeps a version that
 * is in use from going. Each version writes its own status only; that of its siblings it reads.
 */
@Singleton
// A version that is being deleted has to be decided upon too, without the SDK's own finalizer on every object.
@ControllerConfiguration(name = "modelversion", triggerReconcilerOnAllEvents = true)
public class ModelVersionReconciler implements Reconciler<ModelVersion> {
    private static final String BY_VERSION = "version";
    private static final String BY_REJECTED_DIGEST = "rejected-digest";
    private static final String BY_DIGEST = "digest";
    private static final String BY_USER = "user";

    private final StatusWriter statusWriter;
    private final Applier applier;
    private final EventRecorder events;
    private final InspectionSettings settings;
    private final InstantSource clock;
    private final JobLauncher launcher;
    private final InUseFinalizer finalizer;
    private InformerEventSource<InferenceService, ModelVersion> services;
    private InformerEventSource<Job, ModelVersion> jobs;

    @Inject
    public ModelVersionReconciler(
            KubernetesClient client,
            Applier applier,
            StatusWriter statusWriter,
            EventRecorder events,
            OperatorSettings settings,
            InstantSource clock) {
        this(client, applier, statusWriter, events, InspectionSettings.of(settings), clock);
    }

    ModelVersionReconciler(
            KubernetesClient client,
            Applier applier,
            StatusWriter statusWriter,
            EventRecorder events,
            InspectionSettings settings,
            InstantSource clock) {
        this.applier = applier;
        this.statusWriter = statusWriter;
        this.events = events;
        this.settings = settings;
        this.clock = clock;
        this.launcher = new JobLauncher(client, applier, "the inspection");
        this.finalizer = new InUseFinalizer(client);
    }

    @Override
    public List<EventSource<?, ModelVersion>> prepareEventSources(EventSourceContext<ModelVersion> context) {
        var versions = context.getPrimaryCache();
        versions.addIndexer(SiblingEventSource.BY_MODEL, SiblingEventSource::indexKeys);
        versions.addIndexer(BY_DIGEST, version -> digestOf(version)
                .map(digest -> WatchedObjects.keyOf(version, digest))
                .toList());
        versions.addIndexer(BY_USER, version -> usersOf(version)
                .map(user -> WatchedObjects.keyOf(version, user))
                .toList());

        jobs = OwnedObjects.informer(Job.class, "inspection-jobs", InspectionJob.SELECTOR, ModelVersion.class, context);
        var pods = OwnedObjects.informer(
                Pod.class, "inspection-pods", InspectionJob.SELECTOR, ModelVersion.class, context);
        services = WatchedObjects.informer(
                InferenceService.class,
                "users",
                ModelVersion.class,
                service -> concernedBy(service, versions),
                context);
        services.addIndexer(BY_VERSION, service -> Usage.versionsOf(service).stream()
                .map(version -> WatchedObjects.keyOf(service, version))
                .toList());
        services.addIndexer(BY_REJECTED_DIGEST, service -> Usage.rejectedDigestsOf(service).stream()
                .map(digest -> WatchedObjects.keyOf(service, digest))
                .toList());
        return List.of(jobs, pods, services, new SiblingEventSource(versions));
    }

    @Override
    public UpdateControl<ModelVersion> reconcile(ModelVersion version, Context<ModelVersion> context) {
        if (isGone(version, context)) {
            return UpdateControl.noUpdate();
        }
        var now = clock.instant();
        var observed = observe(version, context);
        var decision = Decision.about(observed, settings, now);
        decision = launch(version, decision, now);
        decision.verification().obsolete().forEach(applier::delete);

        var status = ModelVersionStatusFactory.create(version, decision, now);
        // Told before it is noted: an operator that ends in between tells it again, as the same event.
        events.publish(version, ModelVersionNews.between(version.getStatus(), status, decision));
        var written = finalizer.apply(version, decision.finalizer());
        if (written.isEmpty()) {
            return WakeUp.soon();
        }
        if (statusWriter.write(written.get(), status) == StatusWriter.Outcome.Outdated) {
            return WakeUp.soon();
        }
        return WakeUp.at(decision.verification().wakeAt(), now);
    }

    private Observed observe(ModelVersion version, Context<ModelVersion> context) {
        var name = version.getMetadata().getName();
        var siblings =
                context
                        .getPrimaryCache()
                        .byIndex(SiblingEventSource.BY_MODEL, SiblingEventSource.modelOf(version))
                        .stream()
                        .filter(sibling -> !sibling.getMetadata().getName().equals(name))
                        .toList();
        var concerned = Stream.concat(
                        services.byIndex(BY_VERSION, WatchedObjects.keyOf(version, name)).stream(),
                        digestOf(version)
                                .flatMap(digest ->
                                        services
                                                .byIndex(BY_REJECTED_DIGEST, WatchedObjects.keyOf(version, digest))
                                                .stream()))
                .distinct()
                .toList();
        var own = OwnedObjects.of(Job.class, context)
                .filter(job -> AttemptLabels.attemptOf(job) > 0)
                .toList();
        return new Observed(version, siblings, concerned, own, context.getSecondaryResources(Pod.class));
    }

    private Decision launch(ModelVersion version, Decision decision, Instant now) {
        var due = Stream.ofNullable(decision.verification().start()).toList();
        return launcher.launch(version, List.of(), due, made -> OwnedObjects.seen(jobs, made))
                .map(heldUp -> decision.heldUp(heldUp.reason(), heldUp.message(), heldUp.retryAt(now)))
                .orElse(decision);
    }

    /** With all events delivered, the last one of an object may come after its namesake was created. */
    private static boolean isGone(ModelVersion version, Context<ModelVersion> context) {
        return context.isPrimaryResourceDeleted()
                && context.getPrimaryCache()
                        .get(ResourceID.fromResource(version))
                        .filter(current -> current.getMetadata()
                                .getUid()
                                .equals(version.getMetadata().getUid()))
                        .isEmpty();
    }

    /** The versions that a service uses or used when they were last decided upon, and those whose digest it rejected. */
    private static Set<ResourceID> concernedBy(InferenceService service, IndexedResourceCache<ModelVersion> versions) {
        var namespace = service.getMetadata().getNamespace();
        var used = Usage.versionsOf(service).stream().map(name -> new ResourceID(name, namespace));
        var users = versions
                .byIndex(
                        BY_USER,
                        WatchedObjects.keyOf(service, service.getMetadata().getName()))
                .stream();
        var rejected = Usage.rejectedDigestsOf(service).stream()
                .flatMap(digest -> versions.byIndex(BY_DIGEST, WatchedObjects.keyOf(service, digest)).stream());
        return Stream.concat(used, Stream.concat(users, rejected).map(ResourceID::fromResource))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<String> digestOf(ModelVersion version) {
        return version.getStatus() == null
                ? Stream.empty()
                : Stream.ofNullable(version.getStatus().digest());
    }

    private static Stream<String> usersOf(ModelVersion version) {
        return version.getStatus() == null ? Stream.empty() : version.getStatus().usedBy().stream();
    }
}
