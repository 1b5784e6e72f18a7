package dev.tatara.runtime.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands spans to the SDK's batches, which a thread of its own sends, and counts what becomes of them. What may wait is
 * bounded here, as the SDK drops without telling: beyond the bound spans are dropped and counted.
 */
final class BoundedExport implements SpanProcessor {
    private static final int MOST_WAITING = 4096;
    private static final int BATCH = 512;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder exported = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final BatchSpanProcessor batches;

    /**
     * @param exporter sends batches; closed with this
     */
    BoundedExport(SpanExporter exporter) {
        batches = BatchSpanProcessor.builder(new Counting(exporter))
                .setMaxQueueSize(MOST_WAITING)
                .setMaxExportBatchSize(BATCH)
                .setScheduleDelay(PAUSE)
                .build();
    }

    /** Spans that the collector took. */
    long exported() {
        return exported.sum();
    }

    /** Spans that it never got. */
    long dropped() {
        return dropped.sum();
    }

    /** Spans that wait, those that are being sent included. */
    int waiting() {
        return waiting.get();
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            dropped.increment();
        } else {
            batches.onEnd(span);
        }
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    @Override
    public CompletableResultCode forceFlush() {
        return batches.forceFlush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return batches.shutdown();
    }

    /** Tells what came of each batch. */
    private final class Counting implements SpanExporter {
        private final SpanExporter exporter;

        Counting(SpanExporter exporter) {
            this.exporter = exporter;
        }

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            int count = spans.size();
            CompletableResultCode result = exporter.export(spans);
            return result.whenComplete(() -> {
                waiting.addAndGet(-count);
                (result.isSuccess() ? exported : dropped).add(count);
            });
        }

        @Override
        public CompletableResultCode flush() {
            return exporter.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return exporter.shutdown();
        }
    }
}
