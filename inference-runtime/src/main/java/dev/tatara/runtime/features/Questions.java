package dev.tatara.runtime.features;

import dev.tatara.features.OnlineRead;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.IntFunction;

/** What Redis is asked, and what it answers, in the client's terms. */
final class Questions {
    private Questions() {}

    /** The HMGET for an entity. */
    static Request of(OnlineRead.Lookup lookup, byte[] key) {
        Request request = Request.cmd(Command.HMGET).arg(key);
        for (int i = 0; i < lookup.fieldCount(); i++) {
            request.arg(lookup.field(i));
        }
        return request;
    }

    /** The answer's values by their positions; null for nil. */
    static IntFunction<byte[]> values(Response reply) {
        return index -> {
            Response value = reply.get(index);
            return value == null ? null : value.toBytes();
        };
    }
}
