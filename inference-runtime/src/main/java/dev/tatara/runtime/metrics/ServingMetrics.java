package dev.tatara.runtime.metrics;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Protocol;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Meters of the model that is served, looked up once and not per request. */
public final class ServingMetrics {
    /** Classes that get a series of their own; the rest share one, so that a model can't flood Prometheus. */
    private static final int MOST_CLASSES = 100;

    static final String REQUESTS = "prediction_requests";
    static final String CODE = "code";
    private static final String PROTOCOL = "protocol";
    private static final int HIGHEST_CODE = 600;
    private static final String OTHER = "other";

    /** .01 to 1 are what dashboards know; the smaller ones are where small models live. */
    static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry;
    private final Tags tags;
    private final Map<Protocol, RequestMeters> requests = new EnumMap<>(Protocol.class);
    private final Map<Object, Counter> predictions = new ConcurrentHashMap<>();
    private final String model;
    private final String version;
    private final int label;

    public ServingMetrics(ProcessMetrics process, ServedModel model) {
        this.registry = process.registry();
        this.model = model.name();
        version = model.version();
        label = model.roles().label();
        tags = tags(model);
        for (Protocol protocol : Protocol.values()) {
            requests.put(protocol, new RequestMeters(protocol, times(process, model, protocol)));
        }
        requests.get(Protocol.V2_REST).counter(200);
        requests.get(Protocol.PREDICT).counter(200);
    }

    static Tags tags(ServedModel model) {
        return Tags.of("model", model.name(), "version", model.version());
    }

    static RequestTimes times(ProcessMetrics process, ServedModel model, Protocol protocol) {
        return process.histograms()
                .ofRequests(
                        "prediction_request_latency_seconds",
                        "Time from a request's first byte to its answer",
                        tags(model).and(PROTOCOL, protocol.label()),
                        BUCKETS);
    }

    /** A request was answered, with whatever status. */
    public void answered(Protocol protocol, int code, long nanos) {
        RequestMeters meters = requests.get(protocol);
        meters.counter(code).increment();
        meters.times.record(code, nanos);
    }

    /** A request got its predictions. */
    public void predicted(InferenceRequest request, InferenceAnswer answer) {
        int[] outputs = request.outputs();
        for (int i = 0; i < outputs.length; i++) {
            if (outputs[i] == label) {
                classes(answer.output(i));
            }
        }
    }

    private void classes(OnnxValue value) {
        switch (value) {
            case OnnxValue.Numbers numbers -> {
                for (long i = 0; i < numbers.size(); i++) {
                    predicted(Elements.asLong(numbers, i), numbers.datatype());
                }
            }
            case OnnxValue.Strings strings ->
                strings.elements().forEach(text -> predicted(new String(text, StandardCharsets.UTF_8), Datatype.BYTES));
            case OnnxValue.Sequence sequence -> {}
            case OnnxValue.Mapping mapping -> {}
        }
    }

    private void predicted(Object prediction, Datatype datatype) {
        Counter counter = predictions.get(prediction);
        if (counter == null) {
            counter = predictions.size() < MOST_CLASSES
                    ? predictions.computeIfAbsent(prediction, key -> counter(text(key, datatype)))
                    : predictions.computeIfAbsent(OTHER, key -> counter(OTHER));
        }
        counter.increment();
    }

    private static String text(Object prediction, Datatype datatype) {
        return datatype == Datatype.BOOL ? String.valueOf(!prediction.equals(0L)) : String.valueOf(prediction);
    }

    private Counter counter(String prediction) {
        return Counter.builder("model_predictions")
                .description("Predictions by class")
                .tags(Tags.of("model", model, "model_version", version, "prediction_class", prediction))
                .register(registry);
    }

    /** The requests that came by one door. */
    private final class RequestMeters {
        private final String protocol;
        private final RequestTimes times;
        private final Counter[] byCode = new Counter[HIGHEST_CODE];

        RequestMeters(Protocol protocol, RequestTimes times) {
            this.protocol = protocol.label();
            this.times = times;
        }

        Counter counter(int code) {
            int index = code >= 0 && code < HIGHEST_CODE ? code : 500;
            Counter counter = byCode[index];
            if (counter == null) {
                counter = Counter.builder(REQUESTS)
                        .description("Requests by the status they were answered with")
                        .tags(tags.and(
                                PROTOCOL,
                                protocol,
                                CODE,
                                String.valueOf(index),
                                "status",
                                index < 400 ? "success" : "error"))
                        .register(registry);
                byCode[index] = counter;
            }
            return counter;
        }
    }
}
