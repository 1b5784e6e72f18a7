package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jboss.logging.Logger;

/** What is posted and no inference: its body, and an answer if that can't be had or taken. */
final class Posted {
    private static final Logger LOG = Logger.getLogger(Posted.class);

    private Posted() {}

    /** Does something with a body, and answers the request then or later. */
    interface Taking {
        void take(byte[] body) throws RequestException;
    }

    /** Refuses other methods than POST. */
    static boolean isPost(Exchange exchange) {
        boolean post = HttpMethod.POST.equals(exchange.request().method());
        if (!post) {
            exchange.notAllowed("POST");
        }
        return post;
    }

    static void read(Exchange exchange, BodyReader.Bounds bounds, Taking taking) {
        BodyReader.read(exchange.request(), bounds, new BodyReceiver() {
            @Override
            public void body(Buffer whole) {
                try {
                    taking.take(whole.getBytes());
                } catch (RequestException e) {
                    exchange.fail(e);
                } catch (RuntimeException e) {
                    LOG.errorf(e, "%s could not be answered", exchange.request().path());
                    exchange.fail(500, "the server failed: its log says why");
                }
            }

            @Override
            public void refused(RequestException why) {
                exchange.refuseBody(why);
            }

            @Override
            public void cutOff() {
                exchange.abandoned();
            }
        });
    }
}
