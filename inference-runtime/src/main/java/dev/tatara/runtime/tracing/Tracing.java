package dev.tatara.runtime.tracing;

import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.observation.Identity;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Records spans of inference requests and sends them to a collector by OTLP over HTTP. */
public final class Tracing {
    private static final Logger LOG = Logger.getLogger(Tracing.class);
    private static final String TRACE_PARENT = "traceparent";
    private static final String PATH = "/v1/traces";
    private static final String HEADERS_KEY = "tatara.runtime.tracing.headers";
    private static final String RESOURCE_KEY = "tatara.runtime.tracing.resource-attributes";
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(3);

    private static final TextMapGetter<MultiMap> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(MultiMap headers) {
            return headers.names();
        }

        @Override
        public String get(MultiMap headers, String name) {
            return headers.get(name);
        }
    };

    private final Identity identity;
    private final double share;
    private final BoundedExport export;
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private Tracing(RuntimeSettings.Tracing settings, URI endpoint, Identity identity) {
        this.identity = identity;
        share = settings.samplePercent() / 100;
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder().setEndpoint(address(endpoint));
        settings.headers().ifPresent(list -> KeyValues.parse(HEADERS_KEY, list).forEach(exporter::addHeader));
        export = new BoundedExport(exporter.build());
        provider = SdkTracerProvider.builder()
                // Whether to record is decided before a span is made, so that one that isn't costs nothing.
                .setSampler(Sampler.alwaysOn())
                .setResource(Resource.getDefault().merge(Resource.create(resource(settings, identity))))
                .addSpanProcessor(export)
                .build();
        tracer = provider.get("dev.tatara.runtime");
    }

    /**
     * Begins to trace.
     *
     * @return null if the settings name no collector
     */
    public static Tracing start(RuntimeSettings settings, String model, String version, MeterRegistry registry) {
        URI endpoint = settings.tracing().endpoint().orElse(null);
        if (endpoint == null) {
            return null;
        }
        Tracing tracing = new Tracing(settings.tracing(), endpoint, Identity.of(settings, model, version));
        FunctionCounter.builder("spans_exported", tracing.export, BoundedExport::exported)
                .description("Spans that the collector took")
                .register(registry);
        FunctionCounter.builder("spans_dropped", tracing.export, BoundedExport::dropped)
                .description("Spans that never reached the collector")
                .register(registry);
        LOG.infof("spans go to %s", address(endpoint));
        return tracing;
    }

    /** What OpenTelemetry calls an endpoint is a collector's address, and traces have a path there. */
    static String address(URI endpoint) {
        String text = endpoint.toString();
        String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return base.endsWith(PATH) ? base : base + PATH;
    }

    private static Attributes resource(RuntimeSettings.Tracing settings, Identity identity) {
        AttributesBuilder attributes = Attributes.builder()
                .put("service.name", identity.service())
                .put("service.namespace", identity.namespace())
                .put("service.instance.id", identity.pod())
                .put("service.version", identity.version())
                .put("k8s.namespace.name", identity.namespace())
                .put("k8s.pod.name", identity.pod())
                .put("tatara.model.name", identity.model())
                .put("tatara.model.version", identity.version())
                .put("tatara.revision", identity.revision());
        // What people say themselves counts more.
        settings.resourceAttributes()
                .ifPresent(list -> KeyValues.parse(RESOURCE_KEY, list).forEach(attributes::put));
        return attributes.build();
    }

    /**
     * Begins the span of a request, if it is to be recorded: the caller's decision counts where it made one.
     *
     * @param startedNanos when the request began, on the scale of {@link System#nanoTime()}
     * @return null if it isn't recorded
     */
    public RequestSpan begin(MultiMap headers, long startedNanos) {
        TraceContext parent = TraceContext.parse(headers.get(TRACE_PARENT));
        if (parent == null ? ThreadLocalRandom.current().nextDouble() >= share : !parent.sampled()) {
            return null;
        }
        Context context = parent == null
                ? Context.root()
                : W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS);
        Instant now = Instant.now();
        long epochNanos =
                TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - (System.nanoTime() - startedNanos);
        Span span = tracer.spanBuilder("inference")
                .setSpanKind(SpanKind.SERVER)
                .setParent(context)
                .setStartTimestamp(epochNanos, TimeUnit.NANOSECONDS)
                .startSpan();
        return new RequestSpan(tracer, span, identity, epochNanos, startedNanos);
    }

    /** Sends what waits, for some seconds at most, and ends. */
    public void close() {
        provider.shutdown().join(LONGEST_CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        int left = export.waiting();
        if (left > 0) {
            LOG.warnf("%d spans are lost: the collector did not take them within %s", left, LONGEST_CLOSE);
        }
    }
}
