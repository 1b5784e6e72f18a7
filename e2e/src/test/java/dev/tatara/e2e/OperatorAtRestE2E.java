package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.AuditLog;
import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What the API server says of the operator: no writes at rest, and nothing asked for that it may not have. */
@OnCluster
@Isolated("counts the operator's requests while nothing happens")
@Tag("audit-log")
class OperatorAtRestE2E {
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final Cluster cluster;
    private final TestNamespace namespace;

    OperatorAtRestE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @Test
    void writesNothingWhileNothingHappens() {
        namespace.apply(Manifests.modelVersion("rest-1", "rest", "1", namespace.upload("times-2"), "Production")
                + "---\n"
                + Manifests.following("rest", "rest", 1)
                + "---\n"
                + Manifests.modelVersionFrom(
                        "other-1",
                        "other",
                        "1",
                        "uri: \"" + namespace.upload("times-3") + "\", sha256: " + "0".repeat(64))
                + "---\n"
                + featureView("features", "0 0 1 1 *", "")
                + "---\n"
                + featureView("unscheduled", "61 * * * *", "")
                + "---\n"
                + featureView("blocked", "0 0 1 1 *", "{type: RowCount, min: 1000, onFailure: Block}"));
        namespace.awaitServing("rest", "rest-1");
        namespace.awaitModelVersion("other-1", version -> version.hasCondition("Stalled", "True"));
        namespace.awaitFeatureView("features", view -> view.hasCondition("Ready", "True"));
        namespace.awaitFeatureView("unscheduled", view -> view.hasCondition("Stalled", "True"));
        namespace.awaitFeatureView("blocked", view -> view.hasCondition("Stalled", "True"));

        // Other tests' namespaces are still being emptied, and pods take a while to settle: the quiet minute is the
        // first in which nothing but Leases is written.
        var started = Instant.now();
        await("a minute without writes")
                .atMost(QUIET.multipliedBy(4))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    var since = Instant.now().minus(QUIET);
                    assertThat(since).isAfter(started);
                    assertThat(cluster.auditLog().requestsOf(cluster.operator().user(), since))
                            .filteredOn(request ->
                                    request.isWrite() && !request.resource().equals("leases"))
                            .isEmpty();
                });
        var requests = cluster.auditLog()
                .requestsOf(cluster.operator().user(), Instant.now().minus(QUIET));
        System.out.printf(
                "operator at rest: %d requests in a minute, %d of them writes of Leases, the others %s%n",
                requests.size(),
                requests.stream().filter(request -> request.isWrite()).count(),
                requests.stream()
                        .filter(request -> !request.resource().equals("leases"))
                        .map(request -> request.verb() + " " + request.uri())
                        .toList());
    }

    private String featureView(String name, String cron, String check) {
        var rows = cluster.store()
                .put(
                        namespace.key("rows.csv"),
                        "user,at,age\n1,2026-01-01T00:00:00Z,30\n".getBytes(StandardCharsets.UTF_8));
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: %s}
            spec:
              entities: [{name: user, type: INT64}]
              features: [{name: age, type: INT64}]
              source: {uri: "%s", timestampColumn: at}
              checks: [%s]
              materialization: {schedule: {cron: "%s"}}
            """.formatted(name, rows, check, cron);
    }

    @Test
    void isForbiddenNothing() {
        var requests = cluster.auditLog().requestsOf(cluster.operator().user(), cluster.installedAt());
        assertThat(requests).isNotEmpty();
        assertThat(requests)
                .as("what the shipped roles don't allow the operator")
                .filteredOn(AuditLog.Request::forbidden)
                .isEmpty();
    }
}
