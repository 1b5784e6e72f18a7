package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner.Signals;
import dev.tatara.operator.inferenceservice.plan.ServingSettings;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Decision;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.OutdatedTableException;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.NameTakenException;
import dev.tatara.operator.kubernetes.OwnedObjects;
import dev.tatara.operator.kubernetes.RecentWrites;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.kubernetes.WakeUp;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Serves models: reads what a service asks for and what is there, plans, applies the plan, reports. */
@ApplicationScoped
@ControllerConfiguration(name = "inferenceservice")
public class InferenceServiceReconciler implements Reconciler<InferenceService> {
    private static final Duration LATER = Duration.ofSeconds(30);
    /** Changes that are written one after the other before other services get their turn. */
    private static final int LOOKS = 8;

    private final Applier applier;
    private final StatusWriter statusWriter;
    private final EventRecorder events;
    private final InferenceServiceObserver observer;
    private final InferenceServiceRefusals refusals;
    private final RolloutPlanner planner;
    private final TrafficProvider traffic;
    private final CandidateJudge judge;
    private final ServiceWakeUps wakeUps;
    private final RolloutMetrics metrics;
    /** Services by uid. */
    private final RecentWrites<String, InferenceService> written = new RecentWrites<>();

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
        this.applier = applier;
        this.statusWriter = statusWriter;
        this.events = events;
        var serialization = client.getKubernetesSerialization();
        var renderer = new PodRenderer(serialization);
        this.planner = new RolloutPlanner(renderer, serialization, servingSettings(settings, traffic));
        this.observer = new InferenceServiceObserver(client, clock);
        this.refusals = new InferenceServiceRefusals(renderer, planner, traffic, judge, applier);
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
            written.forget(known.getMetadata().getUid());
            return UpdateControl.noUpdate();
        }
        var service = written.latest(known.getMetadata().getUid(), known);
        // What changed is written before anything is done about it, and then looked at again.
        for (int look = 0; look < LOOKS; look++) {
            var observed = observer.observe(service, context);
            var refusal = refusals.of(observed);
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
                : traffic.route(
                        observed.service(),
                        plan.routing(),
                        new TrafficProvider.Seen(observed.pods(), observed.table(), observed.services()));
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
                recheckAfter(plan, refusal)
                        .map(delay -> UpdateControl.<InferenceService>noUpdate().rescheduleAfter(delay))
                        .orElseGet(UpdateControl::noUpdate);
        };
    }

    /** No object tells that a refusal's cause is gone: a kind that is installed, a feature that a Gateway has now. */
    private static Optional<Duration> recheckAfter(Plan plan, Optional<Refusal> refusal) {
        return plan.recheckAfter() == null
                ? refusal.map(refused -> LATER)
                : Optional.of(plan.recheckAfter().plusMillis(100));
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

    @SuppressWarnings("unchecked") // an object's class is the class of its kind
    private static <T extends HasMetadata> T present(T desired, Context<InferenceService> context) {
        return OwnedObjects.of((Class<T>) desired.getClass(), context)
                .filter(object -> object.getMetadata()
                        .getName()
                        .equals(desired.getMetadata().getName()))
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<EventSource<?, InferenceService>> prepareEventSources(EventSourceContext<InferenceService> context) {
        var sources = new ArrayList<>(observer.prepare(context));
        sources.add(wakeUps);
        sources.add(metrics);
        return sources;
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
