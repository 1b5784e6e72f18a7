package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.features.EntityKeyFormat;
import dev.tatara.features.EventTime;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineField;
import dev.tatara.features.OnlineView;
import dev.tatara.features.ValueCodec;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Writes rows of a view to Redis, a row at once and never over a newer one, by a script that runs in Redis. A row of the
 * event time that is there already is written again, so what was interrupted may be repeated from its start.
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
    private static final byte[] SCRIPT = script();

    private final RedisAccess access;
    private final WriterSettings settings;
    private final OnlineView view;
    private final EntityKeyFormat keys;
    private final byte[][] head;
    private final int rowsPerCall;

    /** What Redis hasn't acknowledged, in order. */
    private final ArrayDeque<WriteCall> underWay = new ArrayDeque<>();

    private int sent;
    private long bytesUnderWay;
    private WriteCall current = new WriteCall();
    private RedisLink link;
    private byte[] scriptName;
    private long written;
    private long skipped;

    private OnlineWriter(RedisAccess access, OnlineView view, WriterSettings settings) {
        this.access = access;
        this.settings = settings;
        this.view = view;
        keys = new EntityKeyFormat(view.project(), view.joinKeys());
        List<byte[]> first = new ArrayList<>();
        first.add(settings.keyTtl()
                .map(ttl -> Long.toString(ttl.toMillis()))
                .orElse("")
                .getBytes(US_ASCII));
        first.add(Integer.toString(view.features().size()).getBytes(US_ASCII));
        first.add(OnlineField.ofEventTime(view.name()));
        for (OnlineFeature feature : view.features()) {
            first.add(OnlineField.of(view.name(), feature.name()));
        }
        head = first.toArray(byte[][]::new);
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
        writer.exchange(0);
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
        current.add(keys.encode(key), EventTime.encode(eventTime), encoded);
        if (current.rows() == rowsPerCall) {
            seal();
            if (underWay.size() >= 2 * WINDOW || bytesUnderWay > MOST_BYTES_UNDER_WAY) {
                exchange(bytesUnderWay > MOST_BYTES_UNDER_WAY ? 0 : WINDOW);
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
        if (current.rows() > 0) {
            seal();
        }
        exchange(0);
        return counts();
    }

    /** What became of the rows that Redis has acknowledged. */
    public WriteCounts counts() {
        return new WriteCounts(written, skipped);
    }

    /** Closes the connection. Rows that were not {@link #finish}ed may be lost. */
    @Override
    public void close() {
        unlink();
    }

    private void seal() {
        underWay.addLast(current);
        bytesUnderWay += current.bytes();
        current = new WriteCall();
    }

    /** Sends what isn't sent, and reads answers until so many calls are without one. */
    private void exchange(int leave) throws RedisException {
        Trouble trouble = null;
        while (true) {
            try {
                if (link == null) {
                    link = RedisLink.open(access);
                    link.send(Command.SCRIPT, "LOAD".getBytes(US_ASCII), SCRIPT);
                    scriptName = link.getBinaryBulkReply();
                }
                send();
                receive(leave);
                if (trouble != null) {
                    settings.notices().accept("Redis at " + access.address() + " is back");
                }
                return;
            } catch (JedisException e) {
                unlink();
                RedisException why = RedisErrors.explain(e, access);
                if (!why.isRetryable()) {
                    throw why;
                }
                // What arrived in between is progress: patience begins anew.
                trouble = trouble == null || trouble.acknowledged() != written + skipped ? begin(why) : trouble.next();
                pause(trouble, why);
            }
        }
    }

    private void send() {
        if (sent == underWay.size()) {
            return;
        }
        Iterator<WriteCall> calls = underWay.iterator();
        for (int i = 0; i < sent; i++) {
            calls.next();
        }
        while (calls.hasNext()) {
            link.send(Command.EVALSHA, calls.next().arguments(scriptName, head));
            sent++;
        }
        link.push();
    }

    private void receive(int leave) {
        while (underWay.size() > leave) {
            long rows = link.getIntegerReply();
            WriteCall call = underWay.removeFirst();
            sent--;
            bytesUnderWay -= call.bytes();
            written += rows;
            skipped += call.rows() - rows;
        }
    }

    private void unlink() {
        var given = link;
        link = null;
        sent = 0;
        if (given != null) {
            try {
                given.forceDisconnect();
            } catch (IOException e) {
                // What is broken may not close well either; nothing that was acknowledged depends on it.
                return;
            }
        }
    }

    /** A time without an answer. */
    private record Trouble(long since, long acknowledged, int attempts) {
        Trouble next() {
            return new Trouble(since, acknowledged, attempts + 1);
        }
    }

    private Trouble begin(RedisException why) {
        settings.notices()
                .accept(why.getMessage() + "; trying again for "
                        + settings.patience().toSeconds() + " s");
        return new Trouble(System.nanoTime(), written + skipped, 1);
    }

    private void pause(Trouble trouble, RedisException why) throws RedisException {
        Duration lasted = Duration.ofNanos(System.nanoTime() - trouble.since());
        long ceiling = Math.min(
                settings.longestPause().toNanos(), settings.pause().toNanos() << Math.min(trouble.attempts() - 1, 20));
        // A random half, so that many writers don't come at once.
        Duration pause =
                Duration.ofNanos(ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1));
        if (lasted.plus(pause).compareTo(settings.patience()) > 0) {
            throw new RedisException(
                    Kind.Unavailable,
                    why.getMessage() + "; tried " + trouble.attempts() + " times in " + lasted.toSeconds() + " s",
                    why);
        }
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisException(Kind.Unavailable, "interrupted while waiting to retry: " + why.getMessage(), e);
        }
    }

    private static byte[] script() {
        try (var in = OnlineWriter.class.getResourceAsStream("write-newer.lua")) {
            return new String(in.readAllBytes(), UTF_8).getBytes(UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
