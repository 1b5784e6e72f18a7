package dev.tatara.operator.trainingjob.train;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Reads ends of trainers' logs from the API server, in the background: a few at a time, each at most every ten seconds and
 * at most {@value #LIMIT_BYTES} bytes. What was read before is remembered, so that a curve is whole although only ends
 * are read.
 */
public final class PodLogs implements TrainerLogs {
    static final int LIMIT_BYTES = 64 << 10;

    /** As many lines as mostly fit; the limit cuts off the newest, so fewer are asked for where lines are longer. */
    private static final int[] LINES = {500, 50, 5, 1};

    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final Duration PERIOD_AT_THE_END = Duration.ofSeconds(1);
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final int MAX_READERS = 4;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Semaphore readers = new Semaphore(MAX_READERS);
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    public PodLogs(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public Optional<TrainerLog> latest(Pod pod, String metric) {
        var entry = entryOf(pod, metric);
        entry.refresh(false);
        return entry.latest();
    }

    @Override
    public Optional<TrainerLog> last(Pod pod, String metric) {
        var entry = entryOf(pod, metric);
        entry.refresh(true);
        return entry.last();
    }

    private Entry entryOf(Pod pod, String metric) {
        var now = clock.instant();
        entries.values().removeIf(entry -> entry.isForgotten(now));
        var key = pod.getMetadata().getUid() + "/" + Objects.requireNonNullElse(metric, "");
        return entries.computeIfAbsent(
                key,
                missing -> new Entry(
                        pod.getMetadata().getNamespace(), pod.getMetadata().getName(), TrainerLog.about(metric)));
    }

    /** The log of one trainer. */
    private final class Entry {
        private final String namespace;
        private final String pod;
        private TrainerLog log;
        private Instant newest;
        private Instant askedAt = clock.instant();
        private Instant readAt = Instant.MIN;
        private boolean isReading;
        private boolean isKnown;
        private boolean isLast;

        Entry(String namespace, String pod, TrainerLog log) {
            this.namespace = namespace;
            this.pod = pod;
            this.log = log;
        }

        synchronized Optional<TrainerLog> latest() {
            return isKnown ? Optional.of(log) : Optional.empty();
        }

        synchronized Optional<TrainerLog> last() {
            return isLast ? Optional.of(log) : Optional.empty();
        }

        synchronized boolean isForgotten(Instant now) {
            return !isReading && askedAt.plus(KEPT).isBefore(now);
        }

        /** Begins to read unless that was done just now, or there is nothing more to come. */
        synchronized void refresh(boolean hasEnded) {
            var now = clock.instant();
            askedAt = now;
            // What began while the trainer ran may have missed its last words.
            var period = hasEnded ? PERIOD_AT_THE_END : PERIOD;
            if (isReading || isLast || readAt.isAfter(now.minus(period))) {
                return;
            }
            isReading = true;
            readAt = now;
            Thread.ofVirtual().name("log-of-" + pod).start(() -> read(hasEnded));
        }

        private void read(boolean hasEnded) {
            readers.acquireUninterruptibly();
            try {
                var tail = tail();
                synchronized (this) {
                    add(tail);
                    isKnown = true;
                    isLast = hasEnded;
                }
            } catch (KubernetesClientException e) {
                // Who may not read logs, or comes too late, does without; all else is tried again.
                var isFinal = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                        || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
                synchronized (this) {
                    isLast = hasEnded && isFinal;
                }
            } catch (RejectedExecutionException | IllegalStateException e) {
                // The operator stops, and its client with it: there is nobody left to tell.
            } finally {
                readers.release();
                synchronized (this) {
                    isReading = false;
                }
            }
        }

        private Tail tail() {
            for (int lines : LINES) {
                var text = Objects.requireNonNullElse(
                        client.raw("/api/v1/namespaces/" + namespace + "/pods/" + pod + "/log?container="
                                + TrainerPod.TRAINER + "&timestamps=true&tailLines=" + lines + "&limitBytes="
                                + LIMIT_BYTES),
                        "");
                var isCut = text.getBytes(StandardCharsets.UTF_8).length >= LIMIT_BYTES;
                if (!isCut || lines == 1) {
                    return new Tail(text, text.lines().count() < lines && !isCut);
                }
            }
            throw new IllegalStateException("the last number of lines is 1");
        }

        private void add(Tail tail) {
            var fresh = new StringBuilder();
            var joins = newest == null ? tail.isWhole() : tail.text().isEmpty();
            var before = newest;
            for (var line : tail.text().split("\n", -1)) {
                var at = timeOf(line);
                if (at == null) {
                    continue;
                }
                if (before != null && !at.isAfter(before)) {
                    joins = true;
                    continue;
                }
                fresh.append(line, line.indexOf(' ') + 1, line.length()).append('\n');
                newest = at;
            }
            log = (joins ? log : log.withGap()).with(fresh.toString());
        }
    }

    /**
     * The end of a log.
     *
     * @param isWhole whether it is all of it
     */
    private record Tail(String text, boolean isWhole) {}

    /** The time before a line; {@code null} if there is none. */
    private static Instant timeOf(String line) {
        int space = line.indexOf(' ');
        if (space <= 0) {
            return null;
        }
        try {
            return OffsetDateTime.parse(line.substring(0, space)).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
