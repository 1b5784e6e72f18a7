package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Rows that go to Redis together. */
sealed interface WriteCall {
    List<EncodedRow> rows();

    /** Puts it into the link's buffer. */
    void send(RedisLink link);

    /**
     * Reads the answer to it.
     *
     * @throws JedisException where there is none, or it says that no row can be written
     */
    Outcome receive(RedisLink link);

    /** About what it takes on the way. */
    default long bytes() {
        return rows().stream().mapToLong(EncodedRow::bytes).sum();
    }

    /**
     * What became of a call's rows.
     *
     * @param written rows that are there now
     * @param skipped rows whose keys had newer ones
     * @param left rows that have to be written otherwise, in their order
     * @param isRefused whether such calls are of no use with this Redis
     */
    record Outcome(long written, long skipped, List<EncodedRow> left, boolean isRefused) {}

    /**
     * Rows that the script writes where none is newer.
     *
     * @param head the arguments before the rows'
     */
    record Compared(List<EncodedRow> rows, List<byte[]> head) implements WriteCall {
        @Override
        public void send(RedisLink link) {
            List<byte[]> arguments = new ArrayList<>();
            arguments.add(link.script());
            arguments.add(Integer.toString(rows.size()).getBytes(US_ASCII));
            for (EncodedRow row : rows) {
                arguments.add(row.key());
            }
            arguments.addAll(head);
            for (EncodedRow row : rows) {
                arguments.add(row.time());
                arguments.addAll(List.of(row.values()));
            }
            link.send(Command.EVALSHA, arguments.toArray(byte[][]::new));
        }

        @Override
        public Outcome receive(RedisLink link) {
            long written = link.getIntegerReply();
            return new Outcome(written, rows.size() - written, List.of(), false);
        }
    }

    /**
     * Rows of keys that may not be there yet: each is written where there is no such key, and left where there is one.
     *
     * @param form how Redis keeps them
     * @param keep milliseconds for which keys are kept; 0 for ever
     */
    record Created(List<EncodedRow> rows, HashDump form, long keep) implements WriteCall {
        private static final String IS_THERE = "BUSYKEY";

        @Override
        public void send(RedisLink link) {
            byte[] milliseconds = Long.toString(keep).getBytes(US_ASCII);
            for (EncodedRow row : rows) {
                link.send(Command.RESTORE, row.key(), milliseconds, form.of(row.time(), row.values()));
            }
        }

        @Override
        public Outcome receive(RedisLink link) {
            List<EncodedRow> left = new ArrayList<>();
            boolean isRefused = false;
            for (EncodedRow row : rows) {
                try {
                    link.getStatusCodeReply();
                } catch (JedisDataException e) {
                    String said = String.valueOf(e.getMessage());
                    boolean isThere = said.startsWith(IS_THERE);
                    // An older Redis, or one that doesn't let this user: the script needs neither.
                    if (!isThere && !said.startsWith("NOPERM") && !said.startsWith("ERR ")) {
                        throw e;
                    }
                    isRefused |= !isThere;
                    left.add(row);
                }
            }
            return new Outcome(rows.size() - left.size(), 0, left, isRefused);
        }
    }
}
