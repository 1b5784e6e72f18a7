package dev.tatara.operator.driftpolicy;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.driftpolicy.plan.Decision;
import dev.tatara.operator.driftpolicy.plan.EvaluationJob;
import dev.tatara.operator.driftpolicy.plan.NotificationJob;
import dev.tatara.operator.driftpolicy.plan.Observed;
import dev.tatara.operator.driftpolicy.plan.PlanSettings;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.kubernetes.WatchedObjects;
import dev.tatara.operator.steps.JobLauncher;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Watches services by policies: has their live traffic evaluated, counts breaches, and asks by triggers in the policy's
 * status for what is to be done. TrainingJobs and InferenceServices read them there and answer in their own status; who
 * is to be told is told by Jobs.
 */
@Singleton
@ControllerConfiguration(name = "driftpolicy")
public class DriftPolicyReconciler implements Reconciler<DriftPolicy> {
    private static final String SELECTOR = Labels.MANAGED_SELECTOR + ",app.kubernetes.io/component in ("
            + EvaluationJob.COMPONENT + "," + NotificationJob.COMPONENT + ")";
    private static final String BY_SERVICE = "policies-by-service";
    private static final String BY_VIEW = "policies-by-view";
    private static final String TRAININGS = "trainings-by-policy";

    private final Applier applier;
    private final StatusWriter statusWriter;
    private final EventRecorder events;
    private final MeterRegistry metrics;
    private final PlanSettings settings;
    private final InstantSource clock;
    private final JobLauncher launcher;
    private InformerEventSource<Job, DriftPolicy> jobs;
    private InformerEventSource<InferenceService, DriftPolicy> services;
    private InformerEventSource<ModelVersion, DriftPolicy> versions;
    private InformerEventSource<FeatureView, DriftPolicy> views;
    private InformerEventSource<TrainingJob, DriftPolicy> trainings;

    @Inject
    public DriftPolicyReconciler(
            KubernetesClient client,
            Applier applier,
            StatusWriter statusWriter,
            EventRecorder events,
            MeterRegistry metrics,
            OperatorSettings settings,
            InstantSource clock) {
        this.applier = applier;
        this.statusWriter = statusWriter;
        this.events = events;
        this.metrics = metrics;
        this.settings = PlanSettings.of(settings);
        this.clock = clock;
        this.launcher = new JobLauncher(client, applier, "the evaluation");
    }

    @Override
    public List<EventSource<?, DriftPolicy>> prepareEventSources(EventSourceContext<DriftPolicy> context) {
        var policies = context.getPrimaryCache();
        policies.addIndexer(BY_SERVICE, policy -> keys(policy, serviceOf(policy)));
        policies.addIndexer(BY_VIEW, policy -> keys(policy, viewOf(policy)));

        jobs = OwnedObjects.informer(Job.class, "drift-jobs", SELECTOR, DriftPolicy.class, context);
        services = watched(
                InferenceService.class,
                "services",
                service -> WatchedObjects.idsOf(policies.byIndex(BY_SERVICE, WatchedObjects.keyOf(service))),
                context);
        // Looked up when a policy is evaluated; what changes of a version is known then.
        versions = watched(ModelVersion.class, "versions", version -> Set.of(), context);
        views = watched(
                FeatureView.class,
                "views",
                view -> WatchedObjects.idsOf(policies.byIndex(BY_VIEW, WatchedObjects.keyOf(view))),
                context);
        trainings = watched(
                TrainingJob.class,
                "trainings",
                training -> policiesOf(training)
                        .map(name -> new ResourceID(name, training.getMetadata().getNamespace()))
                        .collect(Collectors.toUnmodifiableSet()),
                context);
        trainings.addIndexer(TRAININGS, training -> policiesOf(training)
                .map(name -> WatchedObjects.keyOf(training, name))
                .toList());
        return List.of(
                jobs,
                OwnedObjects.informer(Pod.class, "drift-pods", SELECTOR, DriftPolicy.class, context),
                OwnedObjects.informer(ConfigMap.class, "drift-maps", SELECTOR, DriftPolicy.class, context),
                services,
                versions,
                views,
                trainings,
                new DriftPolicyMetrics(metrics));
    }

    @Override
    public UpdateControl<DriftPolicy> reconcile(DriftPolicy policy, Context<DriftPolicy> context) {
        var now = clock.instant();
        var decision = launch(policy, Decision.about(observe(policy, context), settings, now), now);
        decision.obsolete().forEach(applier::delete);

        var status = DriftPolicyStatusFactory.create(policy, decision, now);
        // Told before it is noted: an operator that ends in between tells it again, as the same event.
        events.publish(policy, DriftPolicyNews.between(policy.getStatus(), status, decision));
        if (statusWriter.write(withoutAlerts(policy), status) == StatusWriter.Outcome.Outdated) {
            return WakeUp.soon();
        }
        return WakeUp.at(decision.wakeAt(), now);
    }

    private Observed observe(DriftPolicy policy, Context<DriftPolicy> context) {
        var namespace = policy.getMetadata().getNamespace();
        var service = serviceOf(policy).flatMap(name -> services.get(new ResourceID(name, namespace)));
        return new Observed(
                policy,
                OwnedObjects.of(Job.class, context).toList(),
                context.getSecondaryResources(Pod.class),
                OwnedObjects.of(ConfigMap.class, context).toList(),
                service.orElse(null),
                service.map(InferenceService::getStatus)
                        .map(InferenceServiceStatus::stable)
                        .map(RevisionStatus::modelVersion)
                        .flatMap(name -> versions.get(new ResourceID(name, namespace)))
                        .orElse(null),
                viewOf(policy)
                        .flatMap(name -> views.get(new ResourceID(name, namespace)))
                        .orElse(null),
                trainings.byIndex(TRAININGS, WatchedObjects.keyOf(policy)));
    }

    private Decision launch(DriftPolicy policy, Decision decision, Instant now) {
        var due = Stream.concat(Stream.ofNullable(decision.evaluation()), decision.notifications().stream())
                .toList();
        return launcher.launch(policy, decision.maps(), due, made -> OwnedObjects.seen(jobs, made))
                .map(heldUp -> decision.heldUp(heldUp.reason(), heldUp.message(), heldUp.retryAt(now)))
                .orElse(decision);
    }

    /** Alerts are written by who receives them; what we say of a policy is compared and written without them. */
    private static DriftPolicy withoutAlerts(DriftPolicy policy) {
        var ours = new DriftPolicy();
        ours.setMetadata(policy.getMetadata());
        ours.setStatus(policy.getStatus() == null ? null : policy.getStatus().withoutAlerts());
        return ours;
    }

    /** Watches objects that policies name or that name policies. */
    private static <R extends HasMetadata> InformerEventSource<R, DriftPolicy> watched(
            Class<R> kind, String name, SecondaryToPrimaryMapper<R> policies, EventSourceContext<DriftPolicy> context) {
        return WatchedObjects.informer(kind, name, DriftPolicy.class, policies, context);
    }

    private static Optional<String> serviceOf(DriftPolicy policy) {
        return Optional.ofNullable(policy.getSpec()).map(spec -> spec.target().inferenceService());
    }

    private static Optional<String> viewOf(DriftPolicy policy) {
        return Optional.ofNullable(policy.getSpec()).map(spec -> spec.newRows()).map(rows -> rows.featureView());
    }

    private static Stream<String> policiesOf(TrainingJob training) {
        return training.getSpec() == null || training.getSpec().triggers() == null
                ? Stream.empty()
                : training.getSpec().triggers().policies().stream().distinct();
    }

    private static List<String> keys(DriftPolicy policy, Optional<String> name) {
        return name.map(known -> WatchedObjects.keyOf(policy, known)).stream().toList();
    }
}
