package dev.tatara.traffic;

import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Chooses by a table who answers a request: the first match of a header, then the sticky key's side, then the weights. A
 * closed revision is never chosen. Pure, for any number of threads.
 */
public final class Choice {
    /** Draws are numbers below this. */
    public static final int DRAWS = 10_000;

    private static final int DRAWS_PER_PERCENT = DRAWS / 100;

    private final HeaderMatch[] matches;
    private final int[] matched;
    private final String stickyHeader;
    private final byte[] salt;
    private final int[] ends;

    public Choice(TrafficTable table) {
        List<Entry> entries = table.entries();
        matches = table.match().stream()
                .filter(rule ->
                        entries.stream().anyMatch(entry -> entry.revision().equals(rule.revision()) && !entry.closed()))
                .toArray(HeaderMatch[]::new);
        matched = new int[matches.length];
        ends = new int[entries.size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            Entry entry = entries.get(i);
            end += entry.weight() * DRAWS_PER_PERCENT;
            ends[i] = end;
            for (int m = 0; m < matches.length; m++) {
                if (matches[m].revision().equals(entry.revision())) {
                    matched[m] = i;
                }
            }
        }
        stickyHeader = table.stickyHeader();
        // Of "a" with "bc" and "ab" with "c" the hashes must differ.
        salt = (table.salt() + '\n').getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Chooses.
     *
     * @param headers the value of a header of the request by its name, in whatever case; null where it has none
     * @param draw at random from 0 to {@link #DRAWS} − 1
     * @return position in the table's entries
     */
    public int choose(UnaryOperator<String> headers, int draw) {
        int match = match(headers);
        if (match >= 0) {
            return matched[match];
        }
        String key = key(headers);
        return at(key == null ? draw : (int) Long.remainderUnsigned(hash(key), DRAWS));
    }

    /**
     * Who asks, as far as it decides about the side: a digest of the salt and the sticky key, so that experiments can
     * count people and not requests without knowing them.
     *
     * @return 16 hexadecimal digits; null where a match decides or there is no key
     */
    public String subject(UnaryOperator<String> headers) {
        String key = match(headers) >= 0 ? null : key(headers);
        return key == null ? null : HexFormat.of().toHexDigits(hash(key));
    }

    private int match(UnaryOperator<String> headers) {
        for (int m = 0; m < matches.length; m++) {
            if (matches[m].value().equals(headers.apply(matches[m].header()))) {
                return m;
            }
        }
        return -1;
    }

    private String key(UnaryOperator<String> headers) {
        String key = stickyHeader == null ? null : headers.apply(stickyHeader);
        return key == null || key.isEmpty() ? null : key;
    }

    private int at(int draw) {
        int entry = 0;
        while (draw >= ends[entry]) {
            entry++;
        }
        return entry;
    }

    /** The first half of Murmur3 (x64, 128 bits, seed 0) of the salt, a line feed and the key. */
    private long hash(String key) {
        byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
        byte[] salted = new byte[salt.length + utf8.length];
        System.arraycopy(salt, 0, salted, 0, salt.length);
        System.arraycopy(utf8, 0, salted, salt.length, utf8.length);
        return MurmurHash3.hash128x64(salted)[0];
    }
}
