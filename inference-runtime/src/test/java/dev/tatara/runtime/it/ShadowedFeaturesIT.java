package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.grpc.Protobuf;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who answers a copy does so by the features that its original was answered by. */
class ShadowedFeaturesIT {
    private static final String BY_KEY = "{\"plant\": 2, \"garden\": \"north\"}";

    @TempDir
    private Path filled;

    @TempDir
    private Path empty;

    private static void copyAll(RoutedPods pods, Entry... others) throws Exception {
        List<Entry> entries = new ArrayList<>(List.of(others));
        entries.add(pods.entry(CANDIDATE, 0));
        entries.add(pods.entry(STABLE, 100));
        pods.push(pods.table(entries, List.of(), null, new Shadow(CANDIDATE, 100, 1e-5)));
    }

    private static void post(ServerProcess pod, String path, String body) throws Exception {
        HttpResponse<String> answer = pod.post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("tatara-revision")).contains(STABLE);
    }

    private static void awaitCopies(ServerProcess pod, String outcome, int many) {
        Awaitility.await(outcome).atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        pod.metric("tatara_router_copies_total{outcome=\"" + outcome + "\"}"))
                .isEqualTo(many));
    }

    @Test
    void itsOwnStoreIsNotAsked() throws Exception {
        try (OnlineStore store = new OnlineStore(filled).fill();
                OnlineStore nothing = new OnlineStore(empty);
                RoutedPods pods = new RoutedPods()) {
            pods.launch(STABLE, store.environment());
            pods.launch(CANDIDATE, nothing.environment());
            pods.start();
            ServerProcess pod = pods.first(STABLE);
            copyAll(pods);

            post(pod, "/predict", BY_KEY);
            post(pod, "/predict", "[6.3, 3.3, 6, 2.5]");
            post(pod, "/predict/batch", "[" + BY_KEY + ", {\"plant\": 1, \"garden\": \"north\"}]");
            post(pod, "/v2/models/iris/infer", """
                    {"inputs": [{"name": "plant", "datatype": "INT64", "shape": [1], "data": [1]},
                                {"name": "garden", "datatype": "BYTES", "shape": [1], "data": ["north"]}]}""");
            try (GrpcWire wire = new GrpcWire(pod.port())) {
                assertThat(wire.call(
                                        "inference.GRPCInferenceService/ModelInfer",
                                        GrpcWire.framed(0, Protobuf.request("""
                                                model_name: 'iris'
                                                inputs { name: 'plant' datatype: 'INT64' shape: 1
                                                         contents { int64_contents: 2 } }
                                                inputs { name: 'garden' datatype: 'BYTES' shape: 1
                                                         contents { bytes_contents: 'north' } }""")))
                                .status())
                        .isEqualTo("0");
            }

            awaitCopies(pod, "same", 5);
            String metrics = pods.first(CANDIDATE).admin("/metrics").body();
            assertThat(metrics)
                    .as("copies are counted nowhere")
                    .doesNotContainPattern("feature_values_total\\{[^}]*} [1-9]")
                    .doesNotContainPattern("feature_lookup_failures_total\\{[^}]*} [1-9]");
        }
    }

    @Test
    void whatAnotherPodLookedUpIsNotCopied() throws Exception {
        try (OnlineStore store = new OnlineStore(filled).fill();
                RoutedPods pods = new RoutedPods()) {
            String former = "0ddba11c";
            for (String revision : List.of(former, STABLE, CANDIDATE)) {
                pods.launch(revision, store.environment());
            }
            pods.start();
            copyAll(pods, pods.entry(former, 0));

            post(pods.first(former), "/predict", BY_KEY);

            awaitCopies(pods.first(former), "dropped", 1);
        }
    }
}
