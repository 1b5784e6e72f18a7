package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FoundFeatures;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.buffer.Buffer;

/**
 * The body of a copy, after what is known of its request's features.
 *
 * @param length bytes of what is known
 */
record BodyWithFeatures(BodyReceiver receiver, Exchange exchange, int length) implements BodyReceiver {
    @Override
    public void body(Buffer whole) {
        try {
            if (whole.length() < length) {
                throw RequestException.bad(
                        "expected %d bytes of features before the copy, got %d".formatted(length, whole.length()));
            }
            exchange.bring(FoundFeatures.ofCopy(whole.getBytes(0, length)));
        } catch (RequestException e) {
            receiver.refused(e);
            return;
        }
        receiver.body(whole.slice(length, whole.length()));
    }

    @Override
    public void refused(RequestException why) {
        receiver.refused(why);
    }

    @Override
    public void cutOff() {
        receiver.cutOff();
    }
}
