package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.Copy;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.buffer.Buffer;

/** A body that goes to a shadow, too, when its request is answered. */
record CopiedBody(BodyReceiver receiver, Copy copy) implements BodyReceiver {
    @Override
    public void body(Buffer whole) {
        copy.body(whole);
        receiver.body(whole);
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
