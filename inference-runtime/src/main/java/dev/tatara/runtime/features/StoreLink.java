package dev.tatara.runtime.features;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Deadlines;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * One event loop's connection to one store. Questions of all requests of a turn of the loop go out in one write; answers
 * come in their order. A connection that breaks, or from which nothing comes, is made anew; while none can be had requests
 * are refused at once.
 */
final class StoreLink {
    private static final Logger LOG = Logger.getLogger(StoreLink.class);

    /** Questions that Redis has not answered yet; later ones wait here. */
    private static final int WINDOW = 4_096;

    /** Questions that may wait: a bound for what clients can make us hold. */
    private static final int MOST_WAITING = 65_536;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** A connection with questions and without an answer for so long is taken for broken. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String store;
    private final Path credentials;
    private final long timeoutMillis;
    private final AtomicInteger connections;
    private final Deadlines deadlines;
    private final Deque<Ask> waiting = new ArrayDeque<>();
    private Vertx vertx;
    private Context context;
    private Redis client;
    private RedisConnection connection;
    private String address;
    private String down;
    private Duration pause = FIRST_PAUSE;
    private long attempt;
    private int pending;
    private int questions;
    private int inFlight;
    private long answeredNanos;
    private boolean turnIsDue;
    private boolean clockRuns;
    private boolean closed;

    StoreLink(String store, Path credentials, Duration timeout, AtomicInteger connections) {
        this.store = store;
        this.credentials = credentials;
        this.connections = connections;
        timeoutMillis = Math.max(1, timeout.toMillis());
        deadlines = new Deadlines(timeout);
        address = "the store " + store;
    }

    /** Connects, on the event loop that it belongs to from now on. */
    void open(Vertx on, Context loop) {
        vertx = on;
        context = loop;
        connect();
    }

    /** Sends questions off, and has them answered or failed exactly once, unless they are cancelled. */
    void ask(Ask ask) {
        ask.belongsTo(this);
        pending++;
        if (down != null) {
            ask.fail(unavailable(down));
        } else if (questions + ask.size() > MOST_WAITING) {
            ask.fail(new RequestException(503, "too many features are being looked up at " + address));
        } else {
            questions += ask.size();
            waiting.addLast(ask);
            deadlines.add(ask);
            startClock();
            if (connection != null) {
                turnSoon();
            }
        }
    }

    /** Nobody waits for it any more. */
    void left(Ask ask) {
        pending--;
        deadlines.remove(ask);
    }

    private void startClock() {
        if (!clockRuns) {
            clockRuns = true;
            vertx.setTimer(Math.max(1, timeoutMillis / 4), now -> {
                clockRuns = false;
                deadlines.sweep();
                if (pending > 0) {
                    startClock();
                }
            });
        }
    }

    /** What is answered to a request whose time is up. Looks after the connection, too. */
    RequestException late() {
        if (connection == null) {
            return unavailable(at("there is no connection yet"));
        }
        if (inFlight > 0 && System.nanoTime() - answeredNanos > SILENCE_NANOS) {
            lost(attempt, "it doesn't answer");
        }
        return new RequestException(
                504,
                "features were not found within " + timeoutMillis + " ms (spec.features.timeout): Redis at " + address
                        + " is too slow");
    }

    private String at(String why) {
        return "Redis at " + address + ": " + why;
    }

    private RequestException unavailable(String why) {
        return new RequestException(503, "features can't be looked up: " + why);
    }

    private void turnSoon() {
        if (!turnIsDue) {
            turnIsDue = true;
            context.runOnContext(now -> turn());
        }
    }

    /** Part of an ask's questions, which were sent together. */
    private record Slice(Ask ask, int from, List<Request> questions) {}

    private void turn() {
        turnIsDue = false;
        List<Slice> slices = new ArrayList<>();
        int room = WINDOW - inFlight;
        while (connection != null && room > 0 && !waiting.isEmpty()) {
            Ask ask = waiting.peekFirst();
            int count = ask.isDone() ? 0 : Math.min(room, ask.unsent());
            if (count > 0) {
                int from = ask.sent();
                slices.add(new Slice(ask, from, ask.send(count)));
                room -= count;
                questions -= count;
            }
            if (ask.isDone() || ask.unsent() == 0) {
                questions -= ask.isDone() ? ask.unsent() : 0;
                waiting.removeFirst();
            }
        }
        if (!slices.isEmpty()) {
            send(slices);
        }
    }

    private void send(List<Slice> slices) {
        List<Request> all = slices.size() == 1 ? slices.getFirst().questions() : new ArrayList<>();
        if (slices.size() > 1) {
            slices.forEach(slice -> all.addAll(slice.questions()));
        }
        if (inFlight == 0) {
            answeredNanos = System.nanoTime();
        }
        inFlight += all.size();
        long sentOn = attempt;
        connection.batch(all).onComplete(result -> {
            if (sentOn == attempt) {
                inFlight -= all.size();
                answeredNanos = System.nanoTime();
            }
            if (result.succeeded()) {
                answered(slices, result.result());
            } else if (sentOn != attempt || connection == null || !(result.cause() instanceof Response)) {
                fail(slices, unavailable(at("the connection broke")));
            } else if (slices.size() > 1) {
                // One of them was refused: not the others' fault.
                slices.forEach(slice -> send(List.of(slice)));
            } else {
                fail(slices, unavailable(words(result.cause())));
            }
            if (!waiting.isEmpty() && connection != null) {
                turnSoon();
            }
        });
    }

    private static void answered(List<Slice> slices, List<Response> replies) {
        int at = 0;
        for (Slice slice : slices) {
            for (int i = 0; i < slice.questions().size(); i++) {
                slice.ask().answer(slice.from() + i, replies.get(at++));
            }
        }
    }

    private static void fail(List<Slice> slices, RequestException why) {
        slices.forEach(slice -> slice.ask().fail(why));
    }

    private void connect() {
        long mine = ++attempt;
        long timer = vertx.setTimer(
                CONNECT_TIMEOUT.toMillis(),
                late -> failed(mine, at("no answer within " + CONNECT_TIMEOUT.toSeconds() + " s")));
        context.<RedisAccess>executeBlocking(() -> RedisAccess.ofSecret(credentials, store))
                .compose(access -> {
                    address = access.address();
                    return context.executeBlocking(() -> LinkOptions.of(access));
                })
                .compose(options -> {
                    if (mine != attempt) {
                        throw new IllegalStateException("another attempt is under way");
                    }
                    client = Redis.createClient(vertx, options);
                    return client.connect();
                })
                .onComplete(result -> {
                    vertx.cancelTimer(timer);
                    if (result.succeeded()) {
                        connected(mine, result.result());
                    } else {
                        failed(mine, words(result.cause()));
                    }
                });
    }

    private void connected(long mine, RedisConnection made) {
        if (mine != attempt || closed) {
            made.close();
            return;
        }
        if (down != null) {
            LOG.infof("features can be looked up again: connected to Redis at %s", address);
        }
        down = null;
        pause = FIRST_PAUSE;
        connection = made;
        connections.incrementAndGet();
        made.endHandler(end -> lost(mine, "the connection was closed"));
        made.exceptionHandler(broken -> lost(mine, String.valueOf(broken.getMessage())));
        turn();
    }

    private void lost(long mine, String why) {
        if (mine != attempt || connection == null) {
            return;
        }
        LOG.debugf("lost the connection to Redis at %s: %s", address, why);
        connection = null;
        inFlight = 0;
        connections.decrementAndGet();
        // What is under way fails by this; it sees that it belongs to an earlier attempt.
        attempt++;
        client.close();
        if (!closed) {
            connect();
        }
    }

    private void failed(long mine, String why) {
        if (mine != attempt || connection != null) {
            return;
        }
        attempt++;
        if (client != null) {
            client.close();
            client = null;
        }
        if (!why.equals(down)) {
            LOG.warnf("features can't be looked up: %s", why);
        }
        down = why;
        List<Ask> left = new ArrayList<>(waiting);
        waiting.clear();
        questions = 0;
        left.forEach(ask -> ask.fail(unavailable(why)));
        if (!closed) {
            vertx.setTimer(pause.toMillis(), now -> connect());
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private String words(Throwable failure) {
        if (failure instanceof RedisException known) {
            return known.getMessage();
        }
        String said = String.valueOf(failure.getMessage());
        return at(failure instanceof Response ? refused(said) : said);
    }

    private static String refused(String errors) {
        // The client numbers the errors of a batch: the first will do.
        String said = errors.lines().findFirst().orElse("").replaceFirst("^ERR \\[\\d+] ", "");
        String word = said.split("[ :]", 2)[0];
        return switch (word) {
            case "WRONGPASS", "NOAUTH", "NOPERM", "DENIED" ->
                "it refuses access (" + said + "): check username and password in its Secret; the user needs +hmget"
                        + " and the keys of the project";
            case "MOVED", "ASK", "CROSSSLOT" -> "it is a node of a Redis Cluster; name a Redis without cluster mode";
            case "WRONGTYPE" -> "a key of the project is no hash: somebody else writes there";
            default -> said;
        };
    }

    /** Lets go of the connection. */
    void close() {
        closed = true;
        attempt++;
        if (connection != null) {
            connection = null;
            connections.decrementAndGet();
        }
        if (client != null) {
            client.close();
        }
    }
}
