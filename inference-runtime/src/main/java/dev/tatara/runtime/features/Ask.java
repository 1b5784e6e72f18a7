package dev.tatara.runtime.features;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Deadlines;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/** Questions of one request to one store, answered or failed together. Used on one event loop. */
abstract class Ask extends Deadlines.Entry {
    private final List<Request> questions = new ArrayList<>();
    private StoreLink link;
    private int sent;
    private int answered;
    private boolean done;

    final void add(Request question) {
        questions.add(question);
    }

    final int size() {
        return questions.size();
    }

    /** Questions that weren't sent yet. */
    final int unsent() {
        return questions.size() - sent;
    }

    /** The next questions to send. */
    final List<Request> send(int count) {
        List<Request> next = questions.subList(sent, sent + count);
        sent += count;
        return next;
    }

    final int sent() {
        return sent;
    }

    final void belongsTo(StoreLink asked) {
        link = asked;
    }

    final boolean isDone() {
        return done;
    }

    /** Nobody waits for it any more. */
    final void cancel() {
        if (!done) {
            done = true;
            if (link != null) {
                link.left(this);
            }
        }
    }

    final void answer(int question, Response reply) {
        if (done) {
            return;
        }
        found(question, reply);
        if (++answered == questions.size() && !done) {
            cancel();
            allFound();
        }
    }

    final void fail(RequestException why) {
        if (!done) {
            cancel();
            failed(why);
        }
    }

    @Override
    protected final void expired() {
        if (done) {
            return;
        }
        // Before the link looks after its connection, which would fail what is under way.
        cancel();
        timedOut(link.late());
    }

    /** Redis answered a question; not called any more once it failed or was cancelled. */
    abstract void found(int question, Response reply);

    /** Redis answered all questions. */
    abstract void allFound();

    /** Redis can't be asked, or refuses. */
    abstract void failed(RequestException why);

    /** Redis didn't answer in time. */
    abstract void timedOut(RequestException why);
}
