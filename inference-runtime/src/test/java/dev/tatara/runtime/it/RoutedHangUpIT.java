package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.traffic.TrafficTable.Entry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clients that don't wait for a pod that never answers: everything that their requests held is free again. */
class RoutedHangUpIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final int CLIENTS = 40;

    private static String cancelled() {
        return "tatara_router_forwards_total{outcome=\"cancelled\",revision=\"" + CANDIDATE + "\"}";
    }

    @Test
    void whatAClientGaveUpIsFreed() throws Exception {
        try (RoutedPods pods = new RoutedPods();
                ServerSocket silent = new ServerSocket(0, CLIENTS * 2, InetAddress.getLoopbackAddress())) {
            pods.launch(STABLE, Map.of());
            pods.start();
            ServerProcess pod = pods.first(STABLE);
            Entry never = new Entry(CANDIDATE, 100, false, List.of("127.0.0.1:" + silent.getLocalPort()));
            pods.route(never, pods.entry(STABLE, 0));
            double before = pod.metric("prediction_requests_in_flight");
            byte[] request =
                    ("POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                                    + ROW.length() + "\r\n\r\n" + ROW)
                            .getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < CLIENTS; i++) {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), pod.port())) {
                    client.getOutputStream().write(request);
                    int sent = i + 1;
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(60))
                            .until(() ->
                                    pod.metric("tatara_router_requests_total{revision=\"" + CANDIDATE + "\"}") == sent);
                }
            }
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(pod.metric(cancelled()))
                    .isEqualTo(CLIENTS));
            assertThat(pod.metric("prediction_requests_in_flight")).isEqualTo(before);
            // A client that says how long it waits is answered by then.
            HttpResponse<String> late = pod.post(
                    "/predict", ROW, "Content-Type", "application/json", "X-Envoy-Expected-Rq-Timeout-Ms", "300");
            assertThat(late.statusCode()).isEqualTo(504);
        }
    }
}
