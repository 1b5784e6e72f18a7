package dev.tatara.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The operator as the chart installed it. */
public final class Operator {
    private static final String COMPONENT = "app.kubernetes.io/component";

    private final KubernetesClient client;
    private final String namespace;

    Operator(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    public String namespace() {
        return namespace;
    }

    /** The name the API server knows it by. */
    public String user() {
        return "system:serviceaccount:" + namespace + ":tatara-operator";
    }

    /** Its pods. */
    public List<Pod> pods() {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("app.kubernetes.io/name", "tatara")
                .withLabel(COMPONENT, "operator")
                .list()
                .getItems();
    }

    /** Ends its pods at once, without letting them say good-bye. */
    public void kill() {
        pods().forEach(pod -> client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .withGracePeriod(0)
                .delete());
    }

    /** Whether all its pods are ready, and there is one. */
    public boolean isReady() {
        var pods = pods();
        return !pods.isEmpty() && pods.stream().allMatch(Readiness::isPodReady);
    }

    /** Where Prometheus asks, as seen from the test. */
    public URI metricsAddress() {
        return address("tatara-operator-metrics", 8080, "/metrics");
    }

    /** Where Alertmanagers post to, as seen from the test. */
    public URI alertAddress() {
        return address("tatara-operator-alerts", 8082, "/webhooks/alertmanager");
    }

    /** The token that Alertmanagers post with. */
    public String alertToken() {
        var secret = client.secrets()
                .inNamespace(namespace)
                .withName("tatara-operator-alerts")
                .require();
        return new String(Base64.getDecoder().decode(secret.getData().get("token")), StandardCharsets.US_ASCII);
    }

    private URI address(String service, int port, String path) {
        var spec = client.services()
                .inNamespace(namespace)
                .withName(service)
                .require()
                .getSpec();
        return URI.create("http://" + spec.getClusterIP() + ":" + port + path);
    }

    /**
     * What its pods tell Prometheus.
     *
     * @throws AssertionError if they aren't all ready, which waiting helps against
     */
    public String metrics() {
        assertThat(isReady()).as("whether the operator's pods are ready").isTrue();
        return pods().stream().map(PodMetrics::of).collect(Collectors.joining());
    }

    /** What its pods logged lately. */
    public String log(int lines) {
        var log = new StringBuilder();
        for (var pod : pods()) {
            log.append("--- ").append(pod.getMetadata().getName()).append('\n');
            log.append(client.pods()
                    .inNamespace(namespace)
                    .withName(pod.getMetadata().getName())
                    .tailingLines(lines)
                    .getLog());
        }
        return log.toString();
    }
}
