package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FeatureServer;
import dev.tatara.runtime.inference.RequestException;

/** Answers Feast's {@code /get-online-features} on one event loop. */
final class FeatureDoor {
    static final String PATH = "/get-online-features";

    private final FeatureServer server;
    private final BodyReader.Bounds bounds;

    FeatureDoor(FeatureServer server, BodyReader.Bounds bounds) {
        this.server = server;
        this.bounds = bounds;
    }

    void answer(Exchange exchange) {
        if (!Posted.isPost(exchange)) {
            return;
        }
        Posted.read(
                exchange,
                bounds,
                body -> server.ask(body, new FeatureServer.Completion() {
                    @Override
                    public void answered(byte[] answer) {
                        exchange.json(200, answer);
                    }

                    @Override
                    public void failed(RequestException why) {
                        exchange.fail(why);
                    }
                }));
    }
}
