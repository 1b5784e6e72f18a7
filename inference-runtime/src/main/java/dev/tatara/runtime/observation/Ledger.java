package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.observation.ParquetColumns.Column;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Every prediction with its request id, in columns: what live accuracy and A/B tests join feedback with. */
final class Ledger {
    private static final int FILE_BYTES = 4 << 20;
    private static final int MOST_BYTES = 16 << 20;
    private static final int LONGEST_TEXT = 256;
    private static final byte[] NONE = {};

    private final Identity identity;
    private final Uploads uploads;
    private final Uploads.Listener listener;
    private final Clock clock;
    private final Duration interval;
    private final OutputRoles roles;
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
        private final Column score = file.add("score", ParquetColumns.Type.DOUBLE);
        private final Instant opened;
        private int rows;

        Open(Instant opened) {
            this.opened = opened;
        }

        int bytes() {
            return requestId.bytes() + prediction.bytes() + revision.bytes() + rows * 20;
        }
    }

    Ledger(
            RuntimeSettings.Ledger settings,
            OutputRoles roles,
            Identity identity,
            Uploads uploads,
            Uploads.Listener listener,
            Clock clock) {
        this.roles = roles;
        this.identity = identity;
        this.uploads = uploads;
        this.listener = listener;
        this.clock = clock;
        interval = settings.fileInterval();
        revision = identity.revision().getBytes(StandardCharsets.UTF_8);
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
        OnnxValue label = asked(request, answer, roles.label());
        OnnxValue scores = asked(request, answer, label == null ? roles.value() : roles.probabilities());
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        byte[] id = cut(request.requestId() == null ? NONE : request.requestId().getBytes(StandardCharsets.UTF_8));
        for (int row = 0; row < rows; row++) {
            open.time.addLong(micros);
            open.requestId.addText(id);
            open.row.addInt(row);
            open.revision.addText(revision);
            prediction(label, scores, row, rows);
            open.rows++;
        }
    }

    private static OnnxValue asked(InferenceRequest request, InferenceAnswer answer, int output) {
        int[] asked = request.outputs();
        for (int i = 0; i < asked.length; i++) {
            if (asked[i] == output) {
                return answer.output(i);
            }
        }
        return null;
    }

    private void prediction(OnnxValue label, OnnxValue scores, int row, int rows) {
        Numbers numbers = null;
        long from = 0;
        long width = 0;
        if (scores instanceof Numbers all && all.size() % rows == 0) {
            numbers = all;
            width = all.size() / rows;
            from = row * width;
        } else if (scores instanceof Sequence sequence
                && sequence.elements().size() == rows
                && sequence.elements().get(row) instanceof Mapping(OnnxValue keys, Numbers values)) {
            numbers = values;
            width = values.size();
        }
        long best = from;
        for (long i = from + 1; i < from + width; i++) {
            best = Elements.asDouble(numbers, i) > Elements.asDouble(numbers, best) ? i : best;
        }
        double score = width == 0 ? Double.NaN : Elements.asDouble(numbers, best);
        byte[] text = label == null ? null : text(label, row);
        if (text == null && width > 0) {
            // Without a label: the only value itself, or the position of the highest.
            text = (width == 1 ? Double.toString(score) : Long.toString(best - from))
                    .getBytes(StandardCharsets.US_ASCII);
        }
        open.prediction.addText(text == null ? NONE : text);
        open.score.addDouble(score);
    }

    private static byte[] text(OnnxValue label, int row) {
        return switch (label) {
            case Strings strings ->
                row < strings.elements().size() ? cut(strings.elements().get(row)) : null;
            case Numbers numbers -> row < numbers.size() ? text(numbers, row) : null;
            case Sequence sequence -> null;
            case Mapping mapping -> null;
        };
    }

    private static byte[] text(Numbers numbers, int row) {
        long value = Elements.asLong(numbers, row);
        String text = numbers.datatype() == Datatype.BOOL ? Boolean.toString(value != 0) : Long.toString(value);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] cut(byte[] text) {
        return text.length <= LONGEST_TEXT ? text : java.util.Arrays.copyOf(text, LONGEST_TEXT);
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
