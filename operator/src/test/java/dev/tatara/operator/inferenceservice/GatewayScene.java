package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.operator.inferenceservice.gateway.OutsideTraffic;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.EmbeddedTraffic;
import dev.tatara.operator.inferenceservice.traffic.PodCalls;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.inferenceservice.traffic.TrafficKey;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** An operator that divides requests as services ask for it: by pods, which are none here, by Gateways and meshes. */
abstract class GatewayScene extends InferenceServiceScene {
    static final String STEPS =
            "{name: taste, weight: 5, hold: 1s}, {name: half, weight: 50}, {name: all, weight: 100}";

    private static final TrafficKey KEY = TrafficKey.generate();

    private static Vertx vertx;
    private static PodCalls calls;

    @BeforeAll
    static void startCalls() {
        vertx = Vertx.vertx();
        calls = new PodCalls(4, Duration.ofSeconds(1));
    }

    @AfterAll
    static void stopCalls() {
        calls.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Override
    TrafficProvider trafficProvider(KubernetesClient kubernetes, ServiceWakeUps wakeUps) {
        return OutsideTraffic.of(
                new EmbeddedTraffic(kubernetes, KEY, calls, wakeUps, new SimpleMeterRegistry()),
                kubernetes,
                new Applier(kubernetes),
                wakeUps,
                vertx,
                Clock.systemUTC(),
                TestSettings.with(settings()));
    }

    Map<String, String> settings() {
        return Map.of(
                "traffic.gateway-api.enabled", "true",
                "traffic.istio.enabled", "true",
                "watch-namespaces", namespace);
    }

    /** Asks for four pods by a canary. */
    void applyCanary(String traffic, String analysis, String steps) {
        apply("model: {follow: {model: churn, stage: Production}}, replicas: 4, traffic: {%s},".formatted(traffic)
                + " rollout: {scaleDownDelay: 1s, strategy: Canary, %s canary: {steps: [%s]}}"
                        .formatted(analysis, steps));
    }

    /** The Services that routes lead to. */
    List<String> backends() {
        return owned(Service.class).stream()
                .filter(ServingObjects::isBackend)
                .map(service -> service.getMetadata().getName())
                .sorted()
                .toList();
    }

    void awaitBackends(String... revisions) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(backends())
                .containsExactlyInAnyOrder(List.of(revisions).stream()
                        .map(revision -> "churn-" + revision)
                        .toArray(String[]::new)));
    }

    void awaitHeld(String step) {
        await().atMost(LIMIT)
                .until(() -> status().rollout() != null
                        && step.equals(status().rollout().stepName())
                        && status().rollout().heldSince() != null);
    }
}
