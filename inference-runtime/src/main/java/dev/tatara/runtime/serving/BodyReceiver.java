package dev.tatara.runtime.serving;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.buffer.Buffer;

/** Where a request's body goes; one of the methods is called, once. */
public interface BodyReceiver {
    void body(Buffer whole);

    void refused(RequestException why);

    /** The connection ended before the body did. */
    void cutOff();
}
