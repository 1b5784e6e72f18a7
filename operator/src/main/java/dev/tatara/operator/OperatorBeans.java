package dev.tatara.operator;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.analysis.EmbeddedJudge;
import dev.tatara.operator.inferenceservice.evaluation.StageEvaluations;
import dev.tatara.operator.inferenceservice.gateway.OutsideTraffic;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.EmbeddedTraffic;
import dev.tatara.operator.inferenceservice.traffic.PodCalls;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.inferenceservice.traffic.StatisticsCollector;
import dev.tatara.operator.inferenceservice.traffic.TrafficKey;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.LeanObjects;
import dev.tatara.operator.kubernetes.StatusWriter;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;

/** What the reconcilers are given: the clock, the client, and the ways to write. */
@ApplicationScoped
class OperatorBeans {

    @Produces
    @Singleton
    InstantSource clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    KubernetesClient client(WriteFence fence) {
        var config = new ConfigBuilder(Config.autoConfigure(null))
                .withUserAgent("tatara-operator")
                // The default of 64 in all and 5 a host would queue reconciliations behind one another.
                .withMaxConcurrentRequests(256)
                .withMaxConcurrentRequestsPerHost(256)
                // Reconciliations are repeated as a whole. The default of 10 keeps a thread from all others for
                // minutes.
                .withRequestRetryBackoffLimit(2)
                .build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(LeanObjects.serialization())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("fence", fence))
                .build();
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

    @Produces
    @Singleton
    PodCalls podCalls(OperatorSettings settings) {
        return new PodCalls(settings.traffic().callsAtOnce(), settings.traffic().callTimeout());
    }

    void close(@Disposes PodCalls calls) {
        calls.close();
    }

    @Produces
    @Singleton
    ServiceWakeUps wakeUps() {
        return new ServiceWakeUps();
    }

    @Produces
    @Singleton
    TrafficProvider traffic(
            KubernetesClient client,
            Applier applier,
            PodCalls calls,
            ServiceWakeUps wakeUps,
            Vertx vertx,
            InstantSource clock,
            OperatorSettings settings,
            MeterRegistry registry) {
        var key = TrafficKey.in(
                client,
                settings.leaderElection().namespace(),
                settings.traffic().keySecret());
        var pods = new EmbeddedTraffic(client, key, calls, wakeUps, registry);
        return OutsideTraffic.of(pods, client, applier, wakeUps, vertx, clock, settings);
    }

    /** Pods are asked what they counted by calls of their own: tables don't wait for them. */
    @Produces
    @Singleton
    CandidateJudge judge(KubernetesClient client, Applier applier, ServiceWakeUps wakeUps, OperatorSettings settings) {
        var calls = new PodCalls(
                settings.traffic().questionsAtOnce(), settings.traffic().questionTimeout());
        return new EmbeddedJudge(
                client,
                applier,
                new StatisticsCollector(calls),
                wakeUps,
                new StageEvaluations(client, applier, settings),
                settings.image().pullPolicy());
    }
}
