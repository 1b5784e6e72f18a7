package dev.tatara.operator.inferenceservice.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Routing.Share;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.kubernetes.NameTakenException;
import dev.tatara.testing.KubeApi;
import dev.tatara.traffic.TrafficTable;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables and the key in a real API server: who may replace what, and who can't. */
class TableStoreIT {
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private static PodCalls calls;

    private final TrafficKey key = TrafficKey.generate();
    private String namespace;
    private InferenceService service;

    @BeforeAll
    static void start() {
        api.installCrds(Path.of("../crds/manifests"));
        calls = new PodCalls(4, Duration.ofSeconds(1));
    }

    @AfterAll
    static void stop() {
        calls.close();
    }

    @BeforeEach
    void makeService() {
        namespace = "tables-" + NAMESPACES.incrementAndGet();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        api.client().resource("""
                        apiVersion: mlops.tatara.dev/v1alpha1
                        kind: InferenceService
                        metadata: {name: churn, namespace: %s}
                        spec: {model: {versionRef: {name: churn-1}}}
                        """.formatted(namespace)).create();
        service = api.client()
                .resources(InferenceService.class)
                .inNamespace(namespace)
                .withName("churn")
                .require();
    }

    @Test
    void aTableIsStoredOnceAndSigned() {
        var traffic = traffic(key);

        assertThat(traffic.route(service, Routing.to("one"), seen(null)).generation())
                .isEqualTo(1);
        var first = stored();
        assertThat(key.verified(TableStore.document(first))).hasValueSatisfying(table -> assertThat(table.service())
                .isEqualTo(service.getMetadata().getUid()));
        assertThat(first.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> assertThat(
                        owner.getUid())
                .isEqualTo(service.getMetadata().getUid()));

        // The informer is late: it has nothing yet.
        traffic.route(service, Routing.to("one"), seen(null));
        traffic.route(service, Routing.to("one"), seen(first));
        assertThat(stored().getMetadata().getResourceVersion())
                .isEqualTo(first.getMetadata().getResourceVersion());

        assertThat(traffic.route(service, canary(), seen(first)).generation()).isEqualTo(2);
        assertThat(table().entries()).hasSize(2);
        // And still has the first one.
        assertThat(traffic.route(service, canary(), seen(first)).generation()).isEqualTo(2);
        assertThat(traffic.route(service, Routing.to("one"), seen(first)).generation())
                .isEqualTo(3);
    }

    @Test
    void aLeaderThatIsLeftBehindWritesNothing() {
        var leader = traffic(key);
        leader.route(service, Routing.to("one"), seen(null));
        var seen = stored();
        traffic(key).route(service, canary(), seen(seen));

        assertThatExceptionOfType(OutdatedTableException.class)
                .isThrownBy(() -> traffic(key).route(service, Routing.to("two"), seen(seen)))
                .withMessageContaining("churn-traffic");
        assertThatExceptionOfType(OutdatedTableException.class)
                .isThrownBy(() -> traffic(key).route(service, Routing.to("two"), seen(null)));
        assertThat(table().generation()).isEqualTo(2);
        assertThat(table().entries()).hasSize(2);
    }

    @Test
    void oneThatWasDeletedIsMadeAgainAbove() {
        var traffic = traffic(key);
        traffic.route(service, Routing.to("one"), seen(null));
        var second = traffic.route(service, canary(), seen(stored()));
        var gone = stored();
        traffic.route(service, canary(), seen(gone));
        api.client().resource(gone).delete();

        assertThat(traffic.route(service, canary(), seen(null)).generation()).isGreaterThan(second.generation());
    }

    @Test
    void whatSomebodyElseSignedIsReplaced() {
        traffic(TrafficKey.generate()).route(service, Routing.to("theirs"), seen(null));

        traffic(key).route(service, Routing.to("one"), seen(stored()));

        assertThat(table().entries()).extracting(TrafficTable.Entry::revision).containsExactly("one");
    }

    @Test
    void aStrangersConfigMapIsNotTakenOver() {
        api.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("churn-traffic")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToData("mine", "alone")
                        .build())
                .create();

        assertThatExceptionOfType(NameTakenException.class)
                .isThrownBy(() -> traffic(key).route(service, Routing.to("one"), seen(null)));
    }

    @Test
    void allReplicasHaveTheKeyOfTheFirst() {
        var first = TrafficKey.in(api.client(), namespace, "tatara-traffic-key");
        var second = TrafficKey.in(api.client(), namespace, "tatara-traffic-key");

        assertThat(second.publicText()).isEqualTo(first.publicText());
        var document = new String(
                first.sign(TrafficTables.next(
                                null, 0, "uid", Routing.to("one"), false, Duration.ofMinutes(1), List.of()))
                        .toJson(),
                StandardCharsets.UTF_8);
        assertThat(second.verified(document)).isPresent();
        assertThat(key.verified(document)).isEmpty();
    }

    private EmbeddedTraffic traffic(TrafficKey with) {
        return new EmbeddedTraffic(api.client(), with, calls, new ServiceWakeUps(), new SimpleMeterRegistry());
    }

    private static TrafficProvider.Seen seen(ConfigMap table) {
        return new TrafficProvider.Seen(List.of(), table, List.of());
    }

    private ConfigMap stored() {
        return api.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("churn-traffic")
                .require();
    }

    private TrafficTable table() {
        return key.verified(TableStore.document(stored())).orElseThrow();
    }

    private static Routing canary() {
        return new Routing(
                List.of(new Share("two", 25, false), new Share("one", 75, false)), List.of(), null, "salt", null);
    }
}
