package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FeatureServer;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jboss.logging.Logger;

/** Answers Feast's {@code /get-online-features} on one event loop. */
final class FeatureDoor {
    static final String PATH = "/get-online-features";

    private static final Logger LOG = Logger.getLogger(FeatureDoor.class);

    private final FeatureServer server;
    private final BodyReader.Bounds bounds;

    FeatureDoor(FeatureServer server, BodyReader.Bounds bounds) {
        this.server = server;
        this.bounds = bounds;
    }

    void answer(Exchange exchange) {
        if (!HttpMethod.POST.equals(exchange.request().method())) {
            exchange.notAllowed("POST");
            return;
        }
        BodyReader.read(exchange.request(), bounds, new BodyReceiver() {
            @Override
            public void body(Buffer whole) {
                ask(exchange, whole.getBytes());
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

    private void ask(Exchange exchange, byte[] body) {
        try {
            server.ask(body, new FeatureServer.Completion() {
                @Override
                public void answered(byte[] answer) {
                    exchange.json(200, answer);
                }

                @Override
                public void failed(RequestException why) {
                    exchange.fail(why);
                }
            });
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s could not be answered", PATH);
            exchange.fail(500, "the server failed: its log says why");
        }
    }
}
