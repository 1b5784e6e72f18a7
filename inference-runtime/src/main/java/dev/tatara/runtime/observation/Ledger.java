package dev.tatara.runtime.observation;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.observation.ParquetColumns.Column;
import dev.tatara.runtime.observation.PredictionTexts.Told;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/** Every prediction with its request id, in columns: what live accuracy and A/B tests join feedback with. */
final class Ledger {
    private static final int FILE_BYTES = 4 << 20;
    private static final int MOST_BYTES = 16 << 20;
    private static final int LONGEST_TEXT = 256;

    private final Identity identity;
    private final Uploads uploads;
    private final Uploads.Listener listener;
    private final Clock clock;
    private final Duration interval;
    private final PredictionTexts predictions;
    private final KeyTexts keys;
    private final byte[] revision;
    private Open open;
    private long sequence;

    private static final class Open {
        private final ParquetColumns file = new ParquetColumns();
        private final Column time = file.add("time", ParquetColumns.Type.MICROS);
        private final Column requestId = file.add("request_id", ParquetColumns.Type.TEXT);
        private final Column row = file.add("row", ParquetColumns.Type.INT32);
        private final Column revision = file.add("revision", ParquetColumns.Type.TEXT);
        private final Column prediction = file.add("prediction", ParquetColumns.Type.TEXT);
        private final Column raw = file.add("raw", ParquetColumns.Type.TEXT);
        private final Column score = file.add("score", ParquetColumns.Type.DOUBLE);
        private final Column keys = file.addOptional("keys");
        private final Column subject = file.addOptional("subject");
        private final Instant opened;
        private int rows;

        Open(Instant opened) {
            this.opened = opened;
        }

        int bytes() {
            return file.bytes();
        }
    }

    Ledger(
            RuntimeSettings.Ledger settings,
            PredictionTexts predictions,
            KeyTexts keys,
            Identity identity,
            Uploads uploads,
            Uploads.Listener listener,
            Clock clock) {
        this.predictions = predictions;
        this.keys = keys;
        this.identity = identity;
        this.uploads = uploads;
        this.listener = listener;
        this.clock = clock;
        interval = settings.fileInterval();
        revision = bytes(identity.revision());
    }

    /** Records each row's prediction; on whichever thread answers it. */
    synchronized void answered(InferenceRequest request, InferenceAnswer answer) {
        int rows = (int) request.rows();
        Instant now = clock.instant();
        if (open == null) {
            open = new Open(now);
        }
        if (open.bytes() > MOST_BYTES) {
            listener.dropped(Kind.LEDGER, rows);
            return;
        }
        PredictionTexts.Answered answered = predictions.of(request, answer);
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        byte[] id = bytes(request.requestId() == null ? "" : request.requestId());
        byte[] subject = request.subject() == null ? null : bytes(request.subject());
        for (int row = 0; row < rows; row++) {
            Told told = answered.row(row);
            open.time.addLong(micros);
            open.requestId.addText(id);
            open.row.addInt(row);
            open.revision.addText(revision);
            open.prediction.addText(bytes(told.prediction()));
            open.raw.addText(bytes(told.raw()));
            open.score.addDouble(told.score());
            open.keys.addText(keys.of(request.entityKeys(), row));
            open.subject.addText(subject);
            open.rows++;
        }
    }

    private static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return utf8.length <= LONGEST_TEXT ? utf8 : Arrays.copyOf(utf8, LONGEST_TEXT);
    }

    /** Hands over what is large or old enough; one thread at a time. */
    void work() {
        Open ready = null;
        synchronized (this) {
            if (open != null && (open.bytes() >= FILE_BYTES || !clock.instant().isBefore(open.opened.plus(interval)))) {
                ready = open;
                open = null;
            }
        }
        hand(ready);
    }

    /** Hands over what there is. */
    void flush() {
        Open ready;
        synchronized (this) {
            ready = open;
            open = null;
        }
        hand(ready);
    }

    private void hand(Open ready) {
        if (ready != null && ready.rows > 0) {
            uploads.offer(
                    Kind.LEDGER,
                    identity.hourlyKey("ledger", ready.opened, sequence++, ".parquet"),
                    ready.file.write(ready.rows),
                    ready.rows);
        }
    }

    /** Whether something isn't handed over yet. */
    synchronized boolean hasRest() {
        return open != null && open.rows > 0;
    }
}
