package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tatara.features.EntityKeyFormat;
import dev.tatara.features.EventTime;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineField;
import dev.tatara.features.OnlineView;
import dev.tatara.features.ValueCodec;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes rows of a view to Redis, a row at once and never over a newer one: by a script that runs in Redis, and those of
 * keys that are new as Redis itself keeps them. A row of the event time that is there already is written again, so what
 * was interrupted may be repeated from its start.
 *
 * <p>Rows are on their way until {@link #finish} has returned. When Redis breaks off, what it hasn't acknowledged is sent
 * again on a new connection, for as long as the settings' patience lasts.
 *
 * <p>Not thread-safe.
 */
public final class OnlineWriter implements AutoCloseable {
    /** Redis answers nobody else while it runs a script: some 100 µs. */
    private static final int MOST_ROWS_PER_CALL = 16;

    private static final int MOST_VALUES_PER_CALL = 4096;
    /** How many calls are written before the answers to as many before them are read. */
    private static final int WINDOW = 32;

    private static final long MOST_BYTES_UNDER_WAY = 8 << 20;

    private final OnlineView view;
    private final EntityKeyFormat keys;
    private final Pipeline pipeline;
    private final List<byte[]> head;
    private final long keep;
    private final int rowsPerCall;
    private final Optional<HashDump> form;
    private final NewKeys newKeys;

    private final List<EncodedRow> rows = new ArrayList<>();
    private boolean lastWereTried;
    private long written;
    private long skipped;

    private OnlineWriter(RedisAccess access, OnlineView view, WriterSettings settings) {
        this.view = view;
        keys = new EntityKeyFormat(view.project(), view.joinKeys());
        pipeline = new Pipeline(access, settings, this::answered);
        List<byte[]> fields = new ArrayList<>();
        fields.add(OnlineField.ofEventTime(view.name()));
        for (OnlineFeature feature : view.features()) {
            fields.add(OnlineField.of(view.name(), feature.name()));
        }
        form = HashDump.of(fields);
        newKeys = new NewKeys(form.isPresent());
        keep = settings.keyTtl().map(Duration::toMillis).orElse(0L);
        List<byte[]> first = new ArrayList<>();
        first.add((keep == 0 ? "" : Long.toString(keep)).getBytes(US_ASCII));
        first.add(Integer.toString(view.features().size()).getBytes(US_ASCII));
        first.addAll(fields);
        head = List.copyOf(first);
        rowsPerCall = Math.clamp(MOST_VALUES_PER_CALL / (view.features().size() + 1), 1, MOST_ROWS_PER_CALL);
    }

    /**
     * Connects, so that what is wrong shows before there are rows.
     *
     * @throws RedisException where Redis can't be reached for longer than the settings' patience, or refuses
     */
    public static OnlineWriter open(RedisAccess access, OnlineView view, WriterSettings settings)
            throws RedisException {
        OnlineWriter writer = new OnlineWriter(access, view, settings);
        writer.pipeline.exchange(0);
        return writer;
    }

    /**
     * Takes a row. It goes to Redis with others, at the latest in {@link #finish}.
     *
     * @param key values of the view's join keys, in its order
     * @param eventTime the time that the values are of
     * @param values values of the view's features, in its order; null for null
     * @throws IllegalArgumentException where a value doesn't fit its type, a part of the key is null, or their number is
     *     wrong; the row is not taken then
     * @throws RedisException where Redis can't be reached for longer than the settings' patience, or refuses
     */
    public void write(Object[] key, Instant eventTime, Object[] values) throws RedisException {
        List<OnlineFeature> features = view.features();
        if (values.length != features.size()) {
            throw new IllegalArgumentException(
                    "view " + view.name() + ": expected " + features.size() + " values, found " + values.length);
        }
        byte[][] encoded = new byte[values.length][];
        for (int i = 0; i < encoded.length; i++) {
            try {
                encoded[i] = ValueCodec.encode(features.get(i).type(), values[i]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "view " + view.name() + ", feature " + features.get(i).name() + ": " + e.getMessage(), e);
            }
        }
        rows.add(new EncodedRow(keys.encode(key), EventTime.encode(eventTime), encoded));
        if (rows.size() == rowsPerCall) {
            call();
            if (pipeline.calls() >= 2 * WINDOW || pipeline.bytes() > MOST_BYTES_UNDER_WAY) {
                pipeline.exchange(pipeline.bytes() > MOST_BYTES_UNDER_WAY ? 0 : WINDOW);
            }
        }
    }

    /**
     * Waits until Redis has acknowledged all rows. More may be written afterwards.
     *
     * @return what became of all rows since the writer was opened
     * @throws RedisException where Redis can't be reached for longer than the settings' patience, or refuses
     */
    public WriteCounts finish() throws RedisException {
        if (!rows.isEmpty()) {
            call();
        }
        pipeline.exchange(0);
        return counts();
    }

    /** What became of the rows that Redis has acknowledged. */
    public WriteCounts counts() {
        return new WriteCounts(written, skipped);
    }

    /** Closes the connection. Rows that were not {@link #finish}ed may be lost. */
    @Override
    public void close() {
        pipeline.close();
    }

    /** Sends off the rows that were taken. */
    private void call() throws RedisException {
        List<EncodedRow> taken = List.copyOf(rows);
        rows.clear();
        boolean tries = newKeys.isWorthTrying();
        if (lastWereTried && !tries) {
            // Which of those before weren't new shows first: rows of one key are written in their order.
            pipeline.exchange(0);
        }
        lastWereTried = tries;
        pipeline.add(
                tries ? new WriteCall.Created(taken, form.orElseThrow(), keep) : new WriteCall.Compared(taken, head));
    }

    private void answered(WriteCall call, WriteCall.Outcome outcome) {
        written += outcome.written();
        skipped += outcome.skipped();
        if (!outcome.left().isEmpty()) {
            pipeline.add(new WriteCall.Compared(outcome.left(), head));
        }
        if (outcome.isRefused()) {
            newKeys.refuse();
        } else if (call instanceof WriteCall.Created) {
            newKeys.were((double) outcome.written() / call.rows().size());
        }
    }
}
