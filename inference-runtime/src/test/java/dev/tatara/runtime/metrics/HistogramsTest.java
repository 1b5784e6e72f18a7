package dev.tatara.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.statistics.LatencyHistogram;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class HistogramsTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Histograms histograms = new Histograms(registry.getPrometheusRegistry());

    private Histogram latency(String protocol) {
        return histograms.ofSeconds(
                "request_seconds",
                "Time",
                Tags.of("protocol", protocol),
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofSeconds(1));
    }

    @Test
    void isExposedAsPrometheusHasHistograms() {
        latency("a").record(1_000_000);
        latency("a").record(1_000_001);
        latency("a").record(2_000_000_000);
        latency("b").record(0);
        assertThat(registry.scrape())
                .contains("# TYPE request_seconds histogram")
                .contains("request_seconds_bucket{protocol=\"a\",le=\"0.001\"} 1")
                .contains("request_seconds_bucket{protocol=\"a\",le=\"0.01\"} 2")
                .contains("request_seconds_bucket{protocol=\"a\",le=\"1.0\"} 2")
                .contains("request_seconds_bucket{protocol=\"a\",le=\"+Inf\"} 3")
                .contains("request_seconds_count{protocol=\"a\"} 3")
                .contains("request_seconds_sum{protocol=\"a\"} 2.002000001")
                .contains("request_seconds_count{protocol=\"b\"} 1");
    }

    @Test
    void timesOfRequestsAreCountedByBothSortsOfBuckets() {
        Duration[] bounds = {Duration.ofNanos(1_500), Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofSeconds(1)
        };
        RequestTimes times = histograms.ofRequests("times", "Times", Tags.empty(), bounds);
        Histogram plain = histograms.ofSeconds("plain", "Times", Tags.empty(), bounds);
        LatencyHistogram expected = new LatencyHistogram();
        Random random = new Random(17);
        for (int i = 0; i < 20_000; i++) {
            // From 1 ns to half an hour, and every bound and what is next to it.
            long nanos = i < 12 ? bounds[i / 3].toNanos() + i % 3 - 1 : (long) Math.exp(random.nextDouble() * 28);
            int code = i % 5 == 0 ? 500 : 200;
            times.record(code, nanos);
            plain.record(nanos);
            if (code == 200) {
                expected.record(nanos);
            }
        }
        LatencyHistogram good = new LatencyHistogram();
        times.addTo(good);
        assertThat(good).isEqualTo(expected);
        assertThat(times.counts()).isEqualTo(plain.counts());
        assertThat(times.sum()).isEqualTo(plain.sum());
        assertThat(registry.scrape()).contains("times_count 20000");
    }

    @Test
    void losesNothingWhenManyRecord() {
        Histogram rows = histograms.ofNumbers("rows", "Rows", Tags.empty(), 1, 8, 64);
        try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
            for (int i = 0; i < 20; i++) {
                threads.execute(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        rows.record(n % 100);
                    }
                });
            }
        }
        assertThat(rows.counts()).containsExactly(4_000, 14_000, 112_000, 70_000);
        assertThat(rows.sum()).isEqualTo(200_000 * 99 / 2);
    }
}
