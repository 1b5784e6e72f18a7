package dev.tatara.runtime.metrics;

import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Traffic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.search.Search;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** What a model was asked since the process began, taken from what is counted for Prometheus anyway. */
public final class RequestTotals implements Supplier<Traffic> {
    private static final int THROTTLED = 429;
    private static final int LEAST_FAILURE = 500;

    private final Search counters;
    private final List<RequestTimes> times;

    public RequestTotals(ProcessMetrics process, ServedModel model) {
        Tags tags = ServingMetrics.tags(model);
        counters = process.registry().find(ServingMetrics.REQUESTS).tags(tags);
        times = Arrays.stream(Protocol.values())
                .map(protocol -> ServingMetrics.times(process, model, protocol))
                .toList();
    }

    /** A state of the counters; takes some 100 µs. */
    @Override
    public Traffic get() {
        // Before the counters: whoever is answered meanwhile is a request without a time, and never the reverse.
        LatencyHistogram latency = new LatencyHistogram();
        times.forEach(all -> all.addTo(latency));
        long requests = 0;
        long failed = 0;
        long throttled = 0;
        for (Counter counter : counters.counters()) {
            long count = (long) counter.count();
            int code = Integer.parseInt(counter.getId().getTag(ServingMetrics.CODE));
            requests += count;
            failed += code >= LEAST_FAILURE ? count : 0;
            throttled += code == THROTTLED ? count : 0;
        }
        return new Traffic(requests, failed, throttled, latency);
    }
}
