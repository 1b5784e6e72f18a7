package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What goes and what stays: a version in use is held back, a service takes its objects along, a namespace can go. */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeletionE2E {
    private final Cluster cluster;
    private final TestNamespace namespace;

    DeletionE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @Test
    @Order(1)
    void versionInUseIsHeldBackUntilItsUserGoes() {
        serve("used");
        namespace.delete("ModelVersion", "used-1");
        var held = namespace.awaitModelVersion("used-1", version -> {
            assertThat(version.resource().getMetadata().getDeletionTimestamp()).isNotNull();
            assertThat(String.valueOf(version.status("conditions"))).contains("used");
        });
        assertThat(held.resource().getMetadata().getFinalizers()).isNotEmpty();
        assertThat(namespace.kubectl("describe", "mv", "used-1").succeeded()).contains("used by InferenceService used");

        namespace.delete("InferenceService", "used");
        await("what the service owned and the version")
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    assertThat(namespace.exists("InferenceService", "used")).isFalse();
                    assertThat(namespace.exists("ModelVersion", "used-1")).isFalse();
                    assertThat(namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", "used")))
                            .isEmpty();
                    assertThat(namespace
                                    .kubectl(
                                            "get",
                                            "deployments,services,configmaps,poddisruptionbudgets,controllerrevisions",
                                            "-l",
                                            "mlops.tatara.dev/inferenceservice=used",
                                            "-o",
                                            "name")
                                    .succeeded())
                            .isBlank();
                });
    }

    @Test
    @Order(2)
    void unusedVersionGoesAtOnceWithItsJobs() {
        namespace.apply(Manifests.modelVersion("spare-1", "spare", "1", namespace.upload("times-3"), "None"));
        namespace.awaitModelVersion("spare-1", version -> version.hasCondition("Ready", "True"));
        assertThat(namespace.modelVersion("spare-1").resource().getMetadata().getFinalizers())
                .isNullOrEmpty();
        namespace.delete("ModelVersion", "spare-1");
        await("version and jobs")
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    assertThat(namespace.exists("ModelVersion", "spare-1")).isFalse();
                    assertThat(namespace
                                    .kubectl(
                                            "get",
                                            "jobs,pods",
                                            "-l",
                                            "mlops.tatara.dev/modelversion=spare-1",
                                            "-o",
                                            "name")
                                    .succeeded())
                            .isBlank();
                });
    }

    @Test
    @Order(3)
    void namespaceWithAServiceGoes() {
        serve("gone");
        namespace.delete();
        await("namespace " + namespace.name())
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(() ->
                        cluster.client().namespaces().withName(namespace.name()).get() == null);
    }

    private void serve(String model) {
        namespace.apply(Manifests.modelVersion(model + "-1", model, "1", namespace.upload("times-2"), "Production")
                + "---\n"
                + Manifests.pinned(model, model + "-1", 1));
        namespace.awaitServing(model, model + "-1");
        namespace.awaitModelVersion(model + "-1", version -> assertThat(String.valueOf(version.status("usedBy")))
                .contains(model));
    }
}
