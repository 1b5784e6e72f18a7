package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.ModelEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Candidates answer copies of what is asked under constant load, and no client, until they are promoted. Version 2
 * serves; version 3 answers as it does within the tolerance, version 4 doesn't.
 */
@OnCluster
@ResourceLock("load")
class ShadowE2E {
    private static final int REQUESTS_PER_SECOND = 60;
    private static final int COPIES = 200;

    /** 2 and 3 are the same to it, as 14 and 21 are; 2 and 4 aren't. */
    private static final double TOLERANCE = 0.4;

    private static final List<String> SERVICES = List.of("otherwise", "alike", "asked");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestNamespace namespace;

    ShadowE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @BeforeAll
    void serve() {
        for (var service : SERVICES) {
            prepare(service, 2);
            namespace.apply(Manifests.pinned(service, service + "-2", 1));
        }
        SERVICES.forEach(service -> namespace.awaitServing(service, service + "-2"));
    }

    @Test
    void whoAnswersOtherwiseGoesBack() {
        var service = "otherwise";
        prepare(service, 4);
        try (var load = load(service)) {
            shadow(service, 4, "hold: 10m, thenPromote: true");
            namespace.awaitInferenceService(
                    service, rolledBack -> assertThat(rolledBack.phase()).isEqualTo("RolledBack"));
            unfailing(service, load, 2);
        }
        var rejected = (List<?>) namespace.inferenceService(service).status("rejected");
        System.out.printf("%s: %s%n", service, rejected);
        assertThat(rejected.toString())
                .contains("check comparison failed: 100 % of ", " answers differ from stable's", "at most 1 % may")
                .contains("quarantine=true");
        assertThat(mismatches(service)).hasSize(100).allSatisfy(mismatch -> {
            assertThat(mismatch.path("path").asText()).isEqualTo("/v2/models/" + service + "/infer");
            assertThat(mismatch.path("request").asText()).contains("\"data\":[1,7]");
            assertThat(mismatch.path("difference").asText()).matches("/outputs/0/data/0: 2(.0)? against 4(.0)?");
            assertThat(firstIn(mismatch.path("answer"))).isEqualTo(2);
            assertThat(firstIn(mismatch.path("shadowAnswer"))).isEqualTo(4);
        });
    }

    @Test
    void whoAnswersAlikeTakesOver() {
        var service = "alike";
        prepare(service, 3);
        try (var load = load(service)) {
            shadow(service, 3, "hold: 1s, thenPromote: true");
            namespace.awaitServing(service, service + "-3");
            awaitAnswers(load, 3);
            unfailing(service, load, 2, 3);
        }
    }

    @Test
    void withoutThenPromoteSomebodyIsWaitedFor() {
        var service = "asked";
        prepare(service, 3);
        try (var load = load(service)) {
            shadow(service, 3, "hold: 1s");
            var waiting = namespace.awaitInferenceService(
                    service, object -> assertThat(String.valueOf(object.status("rollout", "message")))
                            .contains("waiting for somebody: annotate mlops.tatara.dev/promote="));
            assertThat(String.valueOf(waiting.status("rollout", "checks")))
                    .contains("name=comparison", "verdict=Passed", "0 % of ");
            assertThat(load.answersOf(3)).as("answers before somebody promotes").isZero();
            namespace
                    .kubectl(
                            "annotate",
                            "infsvc",
                            service,
                            "mlops.tatara.dev/promote=" + waiting.status("candidate", "revision"))
                    .succeeded();
            namespace.awaitServing(service, service + "-3");
            awaitAnswers(load, 3);
            unfailing(service, load, 2, 3);
        }
    }

    private static double firstIn(JsonNode answer) {
        try {
            return JSON.readTree(answer.asText()).at("/outputs/0/data/0").asDouble();
        } catch (IOException e) {
            throw new UncheckedIOException(answer.asText(), e);
        }
    }

    /** A version that may be rolled out. */
    private void prepare(String service, int factor) {
        var name = service + "-" + factor;
        namespace.apply(Manifests.modelVersion(
                name, service, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
    }

    private void shadow(String service, int factor, String terms) {
        namespace.apply(Manifests.pinned(service, service + "-" + factor, 1, """
            {strategy: Shadow, scaleDownDelay: 5s,
             shadow: {percent: 100, compare: {tolerance: %s, maxMismatch: 0.01, minSamples: %d}, %s},
             analysis: {interval: 2s}}""".formatted(TOLERANCE, COPIES, terms)));
    }

    private ConstantLoad load(String service) {
        return ConstantLoad.on(new ModelEndpoint(namespace.address(service), service), REQUESTS_PER_SECOND);
    }

    private static void awaitAnswers(ConstantLoad load, int factor) {
        await("answers of version " + factor).atMost(Cluster.LIMIT).until(() -> load.answersOf(factor) > 0);
    }

    /** Nobody but these versions answered, and always well. */
    private static void unfailing(String service, ConstantLoad load, Integer... versions) {
        var report = load.stop().assertUnfailing(service);
        assertThat(report.answers()).containsOnlyKeys(versions);
    }

    /** What the pod that serves keeps of copies that were answered otherwise. */
    private List<JsonNode> mismatches(String service) {
        var stable = namespace.inferenceService(service).status("stable", "revision");
        var pod = namespace
                .pods(Map.of(
                        "mlops.tatara.dev/inferenceservice",
                        service,
                        "mlops.tatara.dev/revision",
                        String.valueOf(stable)))
                .getFirst();
        var said = namespace
                .kubectl(
                        "get",
                        "--raw",
                        "/api/v1/namespaces/%s/pods/%s:8081/proxy/admin/traffic/mismatches"
                                .formatted(namespace.name(), pod.getMetadata().getName()))
                .succeeded();
        try {
            var found = new ArrayList<JsonNode>();
            JSON.readTree(said).path("mismatches").forEach(found::add);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(said, e);
        }
    }
}
