package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.Shadow;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Copies of requests to a shadow: compared, counted, and felt by nobody. */
class ShadowIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
    private static final int REQUESTS = 50;

    private static double copies(ServerProcess pod, String outcome) throws Exception {
        return pod.metric("tatara_router_copies_total{outcome=\"" + outcome + "\"}");
    }

    private static void mirror(RoutedPods pods, Entry shadow) throws Exception {
        pods.push(pods.table(
                List.of(shadow, pods.entry(STABLE, 100)), List.of(), null, new Shadow(shadow.revision(), 100, 1e-5)));
    }

    private static void ask(ServerProcess pod) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            HttpResponse<String> answer = pod.post("/predict", ROW);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("tatara-revision")).contains(STABLE);
        }
    }

    private static void awaitCopies(ServerProcess pod, String outcome, int many) {
        Awaitility.await(outcome).atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(copies(pod, outcome))
                .isEqualTo(many));
    }

    @Test
    void copiesAreComparedAndCountedNowhereElse() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                GrpcWire wire = new GrpcWire(pods.first(STABLE).port())) {
            ServerProcess pod = pods.first(STABLE);
            mirror(pods, pods.entry(CANDIDATE, 0));
            ask(pod);
            awaitCopies(pod, "same", REQUESTS);
            Buffer iris = GrpcWire.framed(0, GrpcWire.IRIS);
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(wire.call(INFER, iris).status()).isEqualTo("0");
            }
            awaitCopies(pod, "same", 2 * REQUESTS);
            assertThat(copies(pod, "different") + copies(pod, "dropped") + copies(pod, "failed"))
                    .isZero();
            String shadow = pods.first(CANDIDATE).admin("/metrics").body();
            assertThat(BatchingIT.value(
                            shadow, "prediction_requests_total\\{[^}]*code=\"200\"[^}]*protocol=\"predict\"[^}]*"))
                    .isZero();
            assertThat(shadow)
                    .doesNotContainPattern("prediction_requests_total\\{[^}]*protocol=\"v2-grpc\"")
                    .doesNotContain("model_predictions_total{");
            assertThat(pods.first(CANDIDATE).admin("/v2/models/stats").body()).contains("\"success\":{\"count\":0");
            assertThat(pods.first(CANDIDATE).admin("/admin/stats").body()).doesNotContain("\"rows_seen\":1");
        }
    }

    @Test
    void whatDiffersIsShown() throws Exception {
        try (RoutedPods pods = new RoutedPods()) {
            pods.launch(STABLE, Map.of());
            pods.launch(
                    CANDIDATE,
                    Map.of("MODEL_URI", TestModels.path("iris-zipmap").toUri().toString(), "MODEL_NAME", "iris"));
            pods.start();
            ServerProcess pod = pods.first(STABLE);
            mirror(pods, pods.entry(CANDIDATE, 0));
            String infer = "{\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":" + ROW + "}]}";
            assertThat(pod.post("/v2/models/iris/infer", infer).statusCode()).isEqualTo(200);
            awaitCopies(pod, "different", 1);
            assertThat(pod.admin("/admin/traffic/mismatches").body())
                    .contains("\"path\":\"/v2/models/iris/infer\"")
                    .contains("\"shadow\":\"" + CANDIDATE + "\"")
                    .contains("\"difference\":\"/outputs/")
                    .contains("5.1,3.5,1.4,0.2");
            assertThat(pod.admin("/admin/traffic/statistics").body()).contains("\"compared\":1,\"mismatched\":1");
        }
    }

    @Test
    void aShadowThatIsGoneOrSilentIsFeltByNobody() throws Exception {
        try (RoutedPods pods = new RoutedPods();
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            pods.launch(STABLE, Map.of());
            pods.start();
            ServerProcess pod = pods.first(STABLE);
            int nobody;
            try (ServerSocket closed = new ServerSocket(0)) {
                nobody = closed.getLocalPort();
            }
            mirror(pods, new Entry(CANDIDATE, 0, false, List.of("127.0.0.1:" + nobody)));
            ask(pod);
            awaitCopies(pod, "failed", REQUESTS);
            // Connected, and never answered: what is under way is bounded, the rest is dropped.
            mirror(pods, new Entry(CANDIDATE, 0, false, List.of("127.0.0.1:" + silent.getLocalPort())));
            for (int i = 0; i < 8; i++) {
                ask(pod);
            }
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> copies(pod, "dropped") > 0);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> copies(pod, "dropped") + copies(pod, "failed") == 9 * REQUESTS);
            assertThat(copies(pod, "same") + copies(pod, "different")).isZero();
        }
    }
}
