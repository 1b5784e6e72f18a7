package dev.tatara.operator.trainingjob;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.kubernetes.WatchedObjects;
import dev.tatara.operator.trainingjob.plan.Decision;
import dev.tatara.operator.trainingjob.plan.Observed;
import dev.tatara.operator.trainingjob.plan.PlanSettings;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.RunSettings;
import dev.tatara.operator.trainingjob.train.PodLogs;
import dev.tatara.operator.trainingjob.train.TrainerSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
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
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Trains models in runs: when a TrainingJob is created, by its schedule, when a DriftPolicy or an annotation asks for it.
 * Owner references take Jobs, ConfigMaps and Services away with their TrainingJob; registered versions stay.
 */
@Singleton
@ControllerConfiguration(name = "trainingjob")
public class TrainingJobReconciler implements Reconciler<TrainingJob> {
    private static final String BY_VIEW = "view";
    private static final String BY_FEEDBACK = "feedback";
    private static final String BY_POLICY = "policy";
    private static final String BY_NAMESPACE = "namespace-of-version";

    private final StatusWriter statusWriter;
    private final EventRecorder events;
    private final MeterRegistry metrics;
    private final PlanSettings settings;
    private final InstantSource clock;
    private final Launcher launcher;
    private final PodLogs logs;
    private InformerEventSource<Job, TrainingJob> jobs;
    private InformerEventSource<ConfigMap, TrainingJob> maps;
    private InformerEventSource<Service, TrainingJob> services;
    private InformerEventSource<ModelVersion, TrainingJob> versions;
    private InformerEventSource<FeatureView, TrainingJob> views;
    private InformerEventSource<InferenceService, TrainingJob> feedback;
    private InformerEventSource<DriftPolicy, TrainingJob> policies;

    @Inject
    public TrainingJobReconciler(
            KubernetesClient client,
            Applier applier,
            StatusWriter statusWriter,
            EventRecorder events,
            MeterRegistry metrics,
            OperatorSettings settings,
            InstantSource clock) {
        this.statusWriter = statusWriter;
        this.events = events;
        this.metrics = metrics;
        this.settings = new PlanSettings(
                RunSettings.of(settings), TrainerSettings.of(settings), client.getKubernetesSerialization());
        this.clock = clock;
        this.launcher = new Launcher(client, applier);
        this.logs = new PodLogs(client, clock);
    }

    @Override
    public List<EventSource<?, TrainingJob>> prepareEventSources(EventSourceContext<TrainingJob> context) {
        var trainings = context.getPrimaryCache();
        trainings.addIndexer(BY_VIEW, training -> keys(training, viewsOf(training)));
        trainings.addIndexer(BY_FEEDBACK, training -> keys(training, feedbackOf(training)));
        trainings.addIndexer(BY_POLICY, training -> keys(training, policiesOf(training)));

        jobs = OwnedObjects.informer(Job.class, "run-jobs", RunLabels.SELECTOR, TrainingJob.class, context);
        maps = OwnedObjects.informer(ConfigMap.class, "run-maps", RunLabels.SELECTOR, TrainingJob.class, context);
        services = OwnedObjects.informer(Service.class, "run-services", RunLabels.SELECTOR, TrainingJob.class, context);
        var pods = OwnedObjects.informer(Pod.class, "run-pods", RunLabels.SELECTOR, TrainingJob.class, context);
        versions = WatchedObjects.informer(
                ModelVersion.class, "versions", TrainingJob.class, TrainingJobReconciler::registrantOf, context);
        versions.addIndexer(
                BY_NAMESPACE, version -> List.of(version.getMetadata().getNamespace()));
        views = watched(FeatureView.class, "views", BY_VIEW, trainings, context);
        feedback = watched(InferenceService.class, "feedback", BY_FEEDBACK, trainings, context);
        policies = watched(DriftPolicy.class, "policies", BY_POLICY, trainings, context);
        return List.of(
                jobs, maps, services, pods, versions, views, feedback, policies, new TrainingJobMetrics(metrics));
    }

    @Override
    public UpdateControl<TrainingJob> reconcile(TrainingJob job, Context<TrainingJob> context) {
        var now = clock.instant();
        var planned = Decision.about(observe(job, context), settings, now);
        var carriedOut = launcher.carryOut(
                job,
                planned,
                name -> maps.get(new ResourceID(name, job.getMetadata().getNamespace())),
                this::seen,
                now);
        if (carriedOut.isEmpty()) {
            return WakeUp.soon();
        }
        var decision = carriedOut.get();
        var status = TrainingJobStatusFactory.create(job, decision, now);
        // Told before it is noted: an operator that ends in between tells it again, as the same event.
        events.publish(job, TrainingJobNews.between(job.getStatus(), status, decision));
        return statusWriter.write(job, status) == StatusWriter.Outcome.Outdated
                ? WakeUp.soon()
                : WakeUp.at(decision.wakeAt(), now);
    }

    private Observed observe(TrainingJob job, Context<TrainingJob> context) {
        return new Observed(
                job,
                owned(Job.class, context).toList(),
                context.getSecondaryResources(Pod.class),
                owned(ConfigMap.class, context).toList(),
                owned(Service.class, context).toList(),
                found(views, job, viewsOf(job)),
                found(feedback, job, feedbackOf(job)),
                versions.byIndex(BY_NAMESPACE, job.getMetadata().getNamespace()),
                found(policies, job, policiesOf(job)),
                logs);
    }

    /** What was just made is known before the informers have seen it: the status that is written next wakes us. */
    private void seen(HasMetadata made) {
        switch (made) {
            case Job job -> OwnedObjects.seen(jobs, job);
            case ConfigMap map -> OwnedObjects.seen(maps, map);
            case Service service -> OwnedObjects.seen(services, service);
            case ModelVersion version -> OwnedObjects.seen(versions, version);
            default -> {}
        }
    }

    private static <R extends HasMetadata> Stream<R> owned(Class<R> kind, Context<TrainingJob> context) {
        return OwnedObjects.of(kind, context).filter(object -> RunLabels.runOf(object) > 0);
    }

    private static <R extends HasMetadata> List<R> found(
            InformerEventSource<R, TrainingJob> source, TrainingJob job, List<String> names) {
        return names.stream()
                .map(name -> source.get(new ResourceID(name, job.getMetadata().getNamespace())))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Watches objects that trainings name; a change wakes those that do. */
    private static <R extends HasMetadata> InformerEventSource<R, TrainingJob> watched(
            Class<R> kind,
            String name,
            String index,
            IndexedResourceCache<TrainingJob> trainings,
            EventSourceContext<TrainingJob> context) {
        return WatchedObjects.informer(
                kind,
                name,
                TrainingJob.class,
                object -> WatchedObjects.idsOf(trainings.byIndex(index, WatchedObjects.keyOf(object))),
                context);
    }

    private static Set<ResourceID> registrantOf(ModelVersion version) {
        var labels = version.getMetadata().getLabels();
        var name = labels == null ? null : labels.get(Labels.ownerKey(TrainingJob.class));
        return name == null
                ? Set.of()
                : Set.of(new ResourceID(name, version.getMetadata().getNamespace()));
    }

    private static List<String> viewsOf(TrainingJob job) {
        return job.getSpec() == null
                ? List.of()
                : job.getSpec().dataset().featureViews().stream()
                        .map(Dataset.ViewReference::name)
                        .toList();
    }

    private static List<String> feedbackOf(TrainingJob job) {
        return job.getSpec() == null || job.getSpec().dataset().entities() == null
                ? List.of()
                : Stream.ofNullable(job.getSpec().dataset().entities().feedback())
                        .toList();
    }

    private static List<String> policiesOf(TrainingJob job) {
        return job.getSpec() == null || job.getSpec().triggers() == null
                ? List.of()
                : job.getSpec().triggers().policies();
    }

    private static List<String> keys(TrainingJob job, List<String> names) {
        return names.stream().map(name -> WatchedObjects.keyOf(job, name)).toList();
    }
}
