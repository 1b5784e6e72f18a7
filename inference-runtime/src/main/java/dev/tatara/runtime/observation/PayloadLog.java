package dev.tatara.runtime.observation;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.time.Clock;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The log of sampled requests. A request's thread copies its bytes and goes on; they are written as text on a thread of
 * the log's own. What may wait is bounded, more is dropped and counted.
 */
final class PayloadLog {
    /** First part of the names of its files, and the last. */
    static final String FOLDER = "payloads";

    static final String SUFFIX = RollingFile.SUFFIX;

    private final Queue<PayloadRecord> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final double share;
    private final long mostWaiting;
    private final long mostBytes;
    private final Clock clock;
    private final Uploads.Listener listener;
    private final PayloadWriter writer;
    private final RollingFile file;
    private final JsonBytes line = new JsonBytes();

    PayloadLog(
            RuntimeSettings.Logging settings,
            PayloadWriter writer,
            Identity identity,
            Uploads uploads,
            Uploads.Listener listener,
            Clock clock) {
        this.writer = writer;
        this.listener = listener;
        this.clock = clock;
        share = settings.samplePercent() / 100;
        mostWaiting = settings.maxBufferedBytes();
        mostBytes = settings.maxRecordBytes();
        file = new RollingFile(
                Kind.PAYLOAD_LOG, FOLDER, identity, uploads, clock, settings.fileInterval(), settings.fileBytes());
    }

    /** Takes a copy of the request, perhaps; on whichever thread answers it. */
    void answered(Protocol protocol, InferenceRequest request, InferenceAnswer answer) {
        if (share < 1 && ThreadLocalRandom.current().nextDouble() >= share) {
            return;
        }
        if (waitingBytes.get() >= mostWaiting) {
            listener.dropped(Kind.PAYLOAD_LOG, 1);
            return;
        }
        PayloadRecord payload = PayloadRecord.of(clock.instant(), protocol, request, answer, mostBytes);
        waitingBytes.addAndGet(payload.bytes());
        waiting.add(payload);
    }

    /** Writes what waits; one thread at a time. */
    void work() {
        for (PayloadRecord payload = waiting.poll(); payload != null; payload = waiting.poll()) {
            waitingBytes.addAndGet(-payload.bytes());
            line.reset();
            writer.write(payload, line);
            byte[] bytes = line.toByteArray();
            file.append(bytes, bytes.length, 1);
        }
        file.tick();
    }

    /** Bytes that wait to be written as text. */
    long waitingBytes() {
        return waitingBytes.get();
    }

    /** Hands over what there is. */
    void flush() {
        work();
        file.roll();
    }
}
