package dev.tatara.runtime.features;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.metrics.LookupMeters;
import dev.tatara.runtime.metrics.LookupMeters.Failure;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/**
 * What one request asks of the stores: it goes on when all have answered everything, and ends at the first that can't.
 * Used on one event loop.
 */
abstract class Inquiry {
    private final StoreLinks links;
    private final LookupMeters meters;
    private final boolean counts;
    private final long started = System.nanoTime();
    private final List<Part> parts = new ArrayList<>(1);
    private int open;
    private boolean ended;

    Inquiry(StoreLinks links) {
        this(links, true);
    }

    /**
     * @param counts whether it appears in metrics
     */
    Inquiry(StoreLinks links, boolean counts) {
        this.links = links;
        this.counts = counts;
        meters = links.stores().meters();
    }

    /** Null where nothing is counted. */
    final LookupMeters meters() {
        return counts ? meters : null;
    }

    /**
     * Adds a question, before the start.
     *
     * @param store that has the answer
     * @param what tells its asker what is asked
     * @param row for which row of the request
     */
    final void add(int store, Request question, int what, int row) {
        Part part = part(store);
        part.add(question);
        part.places.add(new int[] {what, row});
    }

    private Part part(int store) {
        for (Part part : parts) {
            if (part.store == store) {
                return part;
            }
        }
        Part part = new Part(store);
        parts.add(part);
        return part;
    }

    /** Asks; without a question everything is found at once. */
    final void start() {
        open = parts.size();
        if (open == 0) {
            end();
        }
        for (Part part : parts) {
            if (!ended) {
                links.ask(part.store, part);
            }
        }
    }

    private void end() {
        ended = true;
        RequestException missing = missing();
        if (missing == null) {
            if (counts) {
                meters.looked(System.nanoTime() - started);
            }
            allFound();
        } else {
            count(Failure.MISSING);
            failed(missing);
        }
    }

    private void giveUp(Failure kind, RequestException why) {
        if (!ended) {
            ended = true;
            count(kind);
            parts.forEach(Part::cancel);
            failed(why);
        }
    }

    private void count(Failure kind) {
        if (counts) {
            meters.failed(kind);
        }
    }

    /** A question was answered. */
    abstract void found(int what, int row, Response reply);

    /** Asked when all questions were answered: what to say if that isn't enough, else null. */
    abstract RequestException missing();

    /** All questions were answered, and nothing is missing. */
    abstract void allFound();

    /** The stores can't be asked, or something is missing. */
    abstract void failed(RequestException why);

    /** What is asked of one store. */
    private final class Part extends Ask {
        private final int store;
        private final List<int[]> places = new ArrayList<>();

        Part(int store) {
            this.store = store;
        }

        @Override
        void found(int question, Response reply) {
            int[] place = places.get(question);
            Inquiry.this.found(place[0], place[1], reply);
        }

        @Override
        void allFound() {
            if (--open == 0 && !ended) {
                end();
            }
        }

        @Override
        void failed(RequestException why) {
            giveUp(Failure.UNAVAILABLE, why);
        }

        @Override
        void timedOut(RequestException why) {
            giveUp(why.status() == 504 ? Failure.TIMEOUT : Failure.UNAVAILABLE, why);
        }
    }
}
