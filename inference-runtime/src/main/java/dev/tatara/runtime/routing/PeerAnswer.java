package dev.tatara.runtime.routing;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** What another pod answered, whole. */
public record PeerAnswer(int status, MultiMap headers, Buffer body, MultiMap trailers) {}
