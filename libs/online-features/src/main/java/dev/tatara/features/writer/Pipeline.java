package dev.tatara.features.writer;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Calls on their way to Redis, in order: they are sent without waiting for the answers to those before. When Redis breaks
 * off, what it hasn't answered is sent again on a new connection, for as long as the settings' patience lasts.
 *
 * <p>Not thread-safe.
 */
final class Pipeline implements AutoCloseable {
    private final RedisAccess access;
    private final WriterSettings settings;
    private final BiConsumer<WriteCall, WriteCall.Outcome> answers;

    /** What Redis hasn't answered, in order. */
    private final ArrayDeque<WriteCall> underWay = new ArrayDeque<>();

    private int sent;
    private long bytes;
    private long answered;
    private RedisLink link;

    /**
     * One without a connection; {@link #exchange} makes it.
     *
     * @param answers told of each call what became of it; may add calls
     */
    Pipeline(RedisAccess access, WriterSettings settings, BiConsumer<WriteCall, WriteCall.Outcome> answers) {
        this.access = access;
        this.settings = settings;
        this.answers = answers;
    }

    /** Takes a call, to be sent later. */
    void add(WriteCall call) {
        underWay.addLast(call);
        bytes += call.bytes();
    }

    /** Calls without an answer. */
    int calls() {
        return underWay.size();
    }

    /** About what they take, in bytes. */
    long bytes() {
        return bytes;
    }

    /**
     * Sends what isn't sent, and reads answers until so many calls are without one.
     *
     * @throws RedisException where Redis can't be reached for longer than the settings' patience, or refuses
     */
    void exchange(int leave) throws RedisException {
        Trouble trouble = null;
        while (true) {
            try {
                if (link == null) {
                    link = RedisLink.open(access);
                }
                send();
                receive(leave);
                if (trouble != null) {
                    settings.notices().accept("Redis at " + access.address() + " is back");
                }
                return;
            } catch (JedisException e) {
                close();
                RedisException why = RedisErrors.explain(e, access);
                if (!why.isRetryable()) {
                    throw why;
                }
                // What arrived in between is progress: patience begins anew.
                trouble = trouble == null || trouble.answered() != answered ? begin(why) : trouble.next();
                pause(trouble, why);
            }
        }
    }

    /** Closes the connection. */
    @Override
    public void close() {
        RedisLink given = link;
        link = null;
        sent = 0;
        if (given != null) {
            given.drop();
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
            calls.next().send(link);
            sent++;
        }
        link.push();
    }

    private void receive(int leave) {
        while (underWay.size() > leave) {
            // Answers may have added calls.
            if (sent == 0) {
                send();
            }
            WriteCall call = underWay.getFirst();
            WriteCall.Outcome outcome = call.receive(link);
            underWay.removeFirst();
            sent--;
            bytes -= call.bytes();
            answered++;
            answers.accept(call, outcome);
        }
    }

    /** A time without an answer. */
    private record Trouble(long since, long answered, int attempts) {
        Trouble next() {
            return new Trouble(since, answered, attempts + 1);
        }
    }

    private Trouble begin(RedisException why) {
        settings.notices()
                .accept(why.getMessage() + "; trying again for "
                        + settings.patience().toSeconds() + " s");
        return new Trouble(System.nanoTime(), answered, 1);
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
}
