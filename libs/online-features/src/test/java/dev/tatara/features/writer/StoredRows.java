package dev.tatara.features.writer;

import dev.tatara.features.FeatureRow;
import dev.tatara.features.OnlineRead;
import dev.tatara.features.OnlineView;
import dev.tatara.features.testing.RedisServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** Reads a view's rows as a serving pod does, but one by one. */
record StoredRows(RedisServer redis, OnlineView view) {
    FeatureRow of(Instant now, Object... key) {
        OnlineRead read = new OnlineRead(List.of(view));
        OnlineRead.Lookup lookup = read.lookups().getFirst();
        FeatureRow row = read.newRow();
        List<Object> arguments = new ArrayList<>();
        arguments.add(lookup.key(key));
        arguments.addAll(lookup.fields());
        List<?> reply = (List<?>) redis.command(Command.HMGET, arguments.toArray());
        lookup.decode(index -> (byte[]) reply.get(index), now, row);
        return row;
    }

    FeatureRow of(Object... key) {
        return of(Instant.EPOCH, key);
    }

    byte[] redisKey(Object... key) {
        return new OnlineRead(List.of(view)).lookups().getFirst().key(key);
    }
}
