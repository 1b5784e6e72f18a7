package dev.tatara.e2e.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What an Alertmanager posts of one alert about a service of a namespace, at the moment that a test says; and again, as
 * it does, where nobody took it: another test may just have killed the operator.
 */
public final class AlertPosts {
    private final Cluster cluster;
    private final String namespace;
    private final String alertname;
    private final String service;

    public AlertPosts(Cluster cluster, TestNamespace namespace, String alertname, String service) {
        this.cluster = cluster;
        this.namespace = namespace.name();
        this.alertname = alertname;
        this.service = service;
    }

    public void fires(Instant since) {
        post("firing", since, "0001-01-01T00:00:00Z");
    }

    public void isResolved(Instant since) {
        post("resolved", since, Instant.now().toString());
    }

    private void post(String status, Instant since, String end) {
        var body = """
            {"version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": "%1$s", "receiver": "tatara",
             "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alertmanager",
             "alerts": [{"status": "%1$s", "annotations": {}, "startsAt": "%2$s", "endsAt": "%3$s",
                         "generatorURL": "", "fingerprint": "%4$s",
                         "labels": {"alertname": "%5$s", "namespace": "%6$s", "service": "%7$s"}}]}
            """.formatted(
                        status,
                        since,
                        end,
                        HexFormat.of().toHexDigits((long) (alertname + namespace + service).hashCode()),
                        alertname,
                        namespace,
                        service);
        try (var http = HttpClient.newHttpClient()) {
            await("who takes alerts")
                    .atMost(Cluster.LIMIT)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(http.send(request(body), BodyHandlers.ofString())
                                    .statusCode())
                            .isEqualTo(200));
        }
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(cluster.operator().alertAddress())
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + cluster.operator().alertToken())
                .timeout(Duration.ofSeconds(30))
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}
