package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.traffic.MalformedStatisticsException;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.HttpURLConnection;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Asks pods what they counted. A pod that doesn't answer is missing, and nobody waits for it. */
public final class StatisticsCollector {
    private static final int MOST_BYTES = 16 << 20;

    private final PodCalls calls;

    /** Asks by these calls, which should be others than those that tables are pushed by. */
    public StatisticsCollector(PodCalls calls) {
        this.calls = calls;
    }

    /**
     * What pods answered.
     *
     * @param silent how many didn't
     */
    public record Collected(List<TrafficStatistics> statistics, int silent) {}

    /**
     * Asks all pods.
     *
     * @param pods of all revisions
     * @param since buckets that begin earlier are left out
     * @param sketchesSince of those, the ones that begin earlier come without sketches of predictions
     */
    public CompletableFuture<Collected> collect(Collection<Pod> pods, Instant since, Instant sketchesSince) {
        var path = TrafficPush.PATH + "/statistics?since=" + since.toEpochMilli() + "&predictions="
                + sketchesSince.toEpochMilli();
        var asked = ServingPod.of(pods).stream()
                .map(pod -> calls.get(pod, path, MOST_BYTES)
                        .handle((response, failure) ->
                                failure == null ? read(response) : Optional.<TrafficStatistics>empty()))
                .toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(done -> {
            var answers = asked.stream()
                    .map(CompletableFuture::join)
                    .flatMap(Optional::stream)
                    .toList();
            return new Collected(answers, asked.size() - answers.size());
        });
    }

    private static Optional<TrafficStatistics> read(HttpResponse<byte[]> response) {
        if (response.statusCode() != HttpURLConnection.HTTP_OK) {
            return Optional.empty();
        }
        try {
            return Optional.of(StatisticsJson.read(response.body()));
        } catch (MalformedStatisticsException e) {
            return Optional.empty();
        }
    }
}
