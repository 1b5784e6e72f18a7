package dev.tatara.runtime.observation;

import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * A JSON line per request on standard output: a sample of the good ones, and the others up to a rate. Written by a
 * thread of its own; what it can't keep up with is dropped and counted. Bodies, queries and headers are never in it.
 */
public final class AccessLog {
    private static final Logger LOG = Logger.getLogger(AccessLog.class);
    private static final int MOST_WAITING = 4096;
    private static final int LONGEST_TEXT = 512;
    private static final int FIRST_ERROR = 400;
    private static final double NANOS_PER_MICRO = 1_000.0;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    private final double share;
    private final int errorsPerSecond;
    private final OutputStream out;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger errors = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * One request.
     *
     * @param path without its query
     * @param status of HTTP; 499 where the client hung up
     * @param bytes of the answer's body
     * @param nanos from its first byte to its answer
     * @param requestId or null
     * @param trace or null
     * @param protocol or null for what isn't an inference
     * @param client address without port
     */
    record Entry(
            String method,
            String path,
            int status,
            long bytes,
            long nanos,
            String requestId,
            TraceContext trace,
            Protocol protocol,
            String client) {}

    /**
     * @param out where lines go
     */
    public AccessLog(RuntimeSettings.AccessLog settings, OutputStream out) {
        this.out = out;
        share = settings.samplePercent() / 100;
        errorsPerSecond = settings.errorsPerSecond();
        thread = Thread.ofPlatform().name("access-log").daemon().unstarted(this::work);
        if (share > 0 || errorsPerSecond > 0) {
            thread.start();
        }
    }

    /**
     * Logs a request that was answered, if it is one of those that are logged.
     *
     * @param status as of HTTP
     * @param nanos since the request's first byte
     * @param trace null where the client named none
     * @param protocol null for what isn't an inference
     */
    public void answered(
            HttpServerRequest request,
            int status,
            long bytes,
            long nanos,
            String requestId,
            TraceContext trace,
            Protocol protocol) {
        if (wants(status)) {
            SocketAddress client = request.remoteAddress();
            write(new Entry(
                    request.method().name(),
                    request.path(),
                    status,
                    bytes,
                    nanos,
                    requestId,
                    trace,
                    protocol,
                    client == null ? null : client.hostAddress()));
        }
    }

    /** Whether a request with this answer is to be logged: ask once, and {@link #write} if so. */
    boolean wants(int status) {
        if (status < FIRST_ERROR) {
            return share > 0 && (share >= 1 || ThreadLocalRandom.current().nextDouble() < share);
        }
        if (errorsPerSecond == 0) {
            return false;
        }
        long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        long before = second.get();
        if (now != before && second.compareAndSet(before, now)) {
            errors.set(0);
        }
        if (errors.incrementAndGet() <= errorsPerSecond) {
            return true;
        }
        dropped.increment();
        return false;
    }

    /** Logs a request. */
    void write(Entry entry) {
        if (!waiting.offer(line(Instant.now(), entry))) {
            dropped.increment();
        }
    }

    static byte[] line(Instant time, Entry entry) {
        JsonBytes line = new JsonBytes();
        line.raw("{\"timestamp\":").string(time.toString());
        line.raw(",\"level\":\"INFO\",\"loggerName\":\"access\",\"message\":")
                .string(cut(entry.method + " " + entry.path) + " " + entry.status);
        line.raw(",\"method\":").string(cut(entry.method));
        line.raw(",\"path\":").string(cut(entry.path));
        line.raw(",\"status\":").number(entry.status);
        line.raw(",\"bytes\":").number(entry.bytes);
        line.raw(",\"ms\":").number(Math.round(entry.nanos / NANOS_PER_MICRO) / NANOS_PER_MICRO);
        if (entry.protocol != null) {
            line.raw(",\"protocol\":").string(entry.protocol.label());
        }
        if (entry.requestId != null) {
            line.raw(",\"request_id\":").string(cut(entry.requestId));
        }
        if (entry.trace != null) {
            line.raw(",\"trace_id\":").string(entry.trace.traceId());
        }
        if (entry.client != null) {
            line.raw(",\"client\":").string(entry.client);
        }
        return line.raw("}\n").toByteArray();
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    /** Requests that should have been logged and were not. */
    public LongAdder dropped() {
        return dropped;
    }

    /** Whether good answers are logged, too, so that an id for each is worth its price. */
    public boolean isSampling() {
        return share > 0;
    }

    private void work() {
        try {
            while (!closed || !waiting.isEmpty()) {
                byte[] line = waiting.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                if (line != null) {
                    out.write(line);
                    if (waiting.isEmpty()) {
                        out.flush();
                    }
                }
            }
        } catch (IOException e) {
            LOG.warnf("the access log ends here: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes what waits and ends. */
    public void close() throws InterruptedException {
        closed = true;
        thread.join(LONGEST_CLOSE);
    }
}
