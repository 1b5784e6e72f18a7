package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.featureview.plan.Decision;
import dev.tatara.operator.featureview.plan.MaterializationJob;
import dev.tatara.operator.featureview.plan.MaterializationSettings;
import dev.tatara.operator.featureview.plan.Observed;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
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
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Materializes views of features: when they are created, when their definition changes, by their schedule and when an
 * annotation asks for it. Owner references take Jobs and ConfigMaps away with their view; snapshots stay in the store.
 */
@Singleton
@ControllerConfiguration(name = "featureview")
public class FeatureViewReconciler implements Reconciler<FeatureView> {
    private final Applier applier;
    private final StatusWriter statusWriter;
    private final EventRecorder events;
    private final MeterRegistry metrics;
    private final MaterializationSettings settings;
    private final InstantSource clock;
    private final JobLauncher launcher;
    private InformerEventSource<Job, FeatureView> jobs;

    @Inject
    public FeatureViewReconciler(
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
        this.settings = MaterializationSettings.of(settings);
        this.clock = clock;
        this.launcher = new JobLauncher(client, applier, "the materialization");
    }

    @Override
    public List<EventSource<?, FeatureView>> prepareEventSources(EventSourceContext<FeatureView> context) {
        jobs = ownedBy(Job.class, "materialization-jobs", context);
        return List.of(
                jobs,
                ownedBy(Pod.class, "materialization-pods", context),
                ownedBy(ConfigMap.class, "definitions", context),
                new FeatureViewMetrics(metrics, clock));
    }

    @Override
    public UpdateControl<FeatureView> reconcile(FeatureView view, Context<FeatureView> context) {
        var now = clock.instant();
        var decision = launch(view, Decision.about(observe(view, context), settings, now), now);
        decision.obsolete().forEach(applier::delete);

        var status = FeatureViewStatusFactory.create(view, decision, now);
        // Told before it is noted: an operator that ends in between tells it again, as the same event.
        events.publish(view, FeatureViewNews.between(view.getStatus(), status, decision));
        if (statusWriter.write(view, status) == StatusWriter.Outcome.Outdated) {
            return WakeUp.soon();
        }
        return WakeUp.at(decision.wakeAt(), now);
    }

    private Observed observe(FeatureView view, Context<FeatureView> context) {
        return new Observed(
                view,
                OwnedObjects.of(Job.class, context)
                        .filter(job -> MaterializationJob.numberOf(job) > 0)
                        .toList(),
                context.getSecondaryResources(Pod.class),
                OwnedObjects.of(ConfigMap.class, context).toList());
    }

    private Decision launch(FeatureView view, Decision decision, Instant now) {
        var definitions = Stream.ofNullable(decision.definition()).toList();
        var due = Stream.ofNullable(decision.start()).toList();
        return launcher.launch(view, definitions, due, made -> OwnedObjects.seen(jobs, made))
                .map(heldUp -> decision.heldUp(heldUp.reason(), heldUp.message(), heldUp.retryAt(now)))
                .orElse(decision);
    }

    private static <R extends HasMetadata> InformerEventSource<R, FeatureView> ownedBy(
            Class<R> kind, String name, EventSourceContext<FeatureView> context) {
        return OwnedObjects.informer(kind, name, MaterializationJob.SELECTOR, FeatureView.class, context);
    }
}
