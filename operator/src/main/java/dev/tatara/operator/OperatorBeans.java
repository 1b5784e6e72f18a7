package dev.tatara.operator;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Stage;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.StatusWriter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the reconcilers are given: the clock, the client, and the ways to write. */
@ApplicationScoped
class OperatorBeans {
    private static final String NOT_YET =
            "spec.rollout has what isn't available in this version; use strategy RollingUpdate to roll this change out";

    @Produces
    @Singleton
    InstantSource clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    KubernetesClient client() {
        var config = new ConfigBuilder(Config.autoConfigure(null))
                .withUserAgent("tatara-operator")
                // The default of 64 in all and 5 a host would queue reconciliations behind one another.
                .withMaxConcurrentRequests(256)
                .withMaxConcurrentRequestsPerHost(256)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    void close(@Disposes KubernetesClient client) {
        client.close();
    }

    @Produces
    @Singleton
    Applier applier(KubernetesClient client) {
        return new Applier(client);
    }

    @Produces
    @Singleton
    StatusWriter statusWriter(KubernetesClient client) {
        return new StatusWriter(client);
    }

    @Produces
    @Singleton
    EventRecorder events(KubernetesClient client, InstantSource clock, OperatorSettings settings) {
        return new EventRecorder(client, clock, settings.instance());
    }

    /** Until there is one that divides. */
    @Produces
    @DefaultBean
    @Singleton
    TrafficProvider traffic() {
        return new TrafficProvider() {
            @Override
            public Optional<String> obstacle(Stage stage) {
                return Optional.of(NOT_YET);
            }

            @Override
            public Convergence route(
                    InferenceService service, Routing routing, Collection<Pod> pods, ConfigMap stored) {
                return null;
            }
        };
    }

    /** Until there is one that judges. */
    @Produces
    @DefaultBean
    @Singleton
    CandidateJudge judge() {
        return new CandidateJudge() {
            @Override
            public Optional<String> obstacle(Stage stage) {
                return stage.analysis() == null && stage.comparison() == null && stage.experiment() == null
                        ? Optional.empty()
                        : Optional.of(NOT_YET);
            }

            @Override
            public Optional<List<CheckResult>> judge(
                    InferenceService service,
                    String stable,
                    String candidate,
                    Stage stage,
                    Instant since,
                    Instant now,
                    Collection<Pod> pods) {
                return Optional.empty();
            }
        };
    }
}
