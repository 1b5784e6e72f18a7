package dev.tatara.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsJsonTest {
    private static final Instant START = Instant.ofEpochMilli(1_700_000_000_000L);

    private static TrafficStatistics statistics(List<Column> predictions) {
        LatencyHistogram latency = new LatencyHistogram();
        latency.record(500);
        latency.record(1_000_000);
        latency.record(1_000_000);
        Figures own = new Figures(6, 1, 2, 0, latency, predictions);
        Figures other = new Figures(0, 0, 2, new LatencyHistogram(), List.of());
        return new TrafficStatistics(
                "7d9f",
                3,
                10,
                List.of(new Bucket(START, Map.of("7d9f", own, "55ab", other), new Shadowed(9, 1, 2, 3))));
    }

    @Test
    void theBytesOfStatistics() throws Exception {
        String json = new String(StatisticsJson.write(statistics(List.of())), StandardCharsets.UTF_8);
        assertThat(json)
                .isEqualTo("{\"revision\":\"7d9f\",\"generation\":3,\"bucketSeconds\":10,\"buckets\":["
                        + "{\"start\":1700000000000,\"revisions\":{"
                        + "\"55ab\":{\"requests\":0,\"failed\":0,\"refused\":0,\"unreachable\":2,\"latency\":{}},"
                        + "\"7d9f\":{\"requests\":6,\"failed\":1,\"refused\":2,\"unreachable\":0,\"latency\":{\"0\":1,\"159\":2}}},"
                        + "\"shadow\":{\"compared\":9,\"mismatched\":1,\"dropped\":2,\"failed\":3}}]}");
        assertThat(StatisticsJson.read(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(statistics(List.of()));
    }

    @Test
    void predictionsTravelAsSketches() throws Exception {
        NumberSketch sketch = new NumberSketch();
        sketch.update(1);
        sketch.update(3);
        TrafficStatistics read = StatisticsJson.read(
                StatisticsJson.write(statistics(List.of(new Column(Role.Prediction, "y", sketch)))));
        Column column =
                read.buckets().getFirst().revisions().get("7d9f").predictions().getFirst();
        assertThat(column.name()).isEqualTo("y");
        assertThat(((NumberSketch) column.sketch()).mean()).isEqualTo(2);
    }

    @Test
    void whatALaterVersionAddsIsLeftAside() throws Exception {
        String later = new String(StatisticsJson.write(statistics(List.of())), StandardCharsets.UTF_8)
                .replace("\"latency\"", "\"sizes\":{\"a\":[1]},\"latency\"")
                .replace("\"compared\"", "\"late\":1,\"compared\"");
        assertThat(StatisticsJson.read(later.getBytes(StandardCharsets.UTF_8))).isEqualTo(statistics(List.of()));
    }

    @Test
    void podsOfAnEarlierVersionCountNothingRefused() throws Exception {
        TrafficStatistics read = StatisticsJson.read(
                "{\"revision\":\"a\",\"buckets\":[{\"start\":0,\"revisions\":{\"a\":{\"requests\":3}}}]}"
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(read.buckets().getFirst().revisions().get("a").refused()).isZero();
    }

    @Test
    void whatIsNotStatisticsIsRefused() {
        for (String text : List.of(
                "",
                "[]",
                "{}",
                "{\"revision\":1}",
                "{\"revision\":\"a\",\"buckets\":[{}]}",
                "{\"revision\":\"a\",\"buckets\":[{\"start\":0,\"revisions\":{\"a\":{\"latency\":{\"481\":1}}}}]}",
                "{\"revision\":\"a\",\"buckets\":[{\"start\":0,\"revisions\":{\"a\":{\"requests\":1,\"failed\":2}}}]}",
                "{\"revision\":\"a\",\"buckets\":[{\"start\":0,\"revisions\":{\"a\":{\"requests\":1,\"failed\":1,\"refused\":1}}}]}",
                "{\"revision\":\"a\",\"buckets\":[{\"start\":0,\"revisions\":{\"a\":{\"prediction\":\"AAAA\"}}}]}")) {
            assertThatExceptionOfType(MalformedStatisticsException.class)
                    .as(text)
                    .isThrownBy(() -> StatisticsJson.read(text.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
