package dev.tatara.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** What one of our pods tells Prometheus, operator or server. */
public final class PodMetrics {
    private PodMetrics() {}

    /**
     * What it tells.
     *
     * @throws AssertionError if it doesn't answer, as when it has just been killed: waiting helps against that
     */
    public static String of(Pod pod) {
        var address = URI.create("http://" + pod.getStatus().getPodIP() + ":8080/metrics");
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError("expected metrics at " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + address, e);
        }
    }
}
