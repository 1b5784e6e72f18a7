package dev.tatara.runtime.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** What careless and hostile clients make of good requests. The same seed makes the same attempts. */
final class Mutations {
    private static final int MOST_MUTATIONS = 3;

    /** Where mistakes live: numbers at the edges of their types, half tokens, names of the protocols. */
    private static final List<String> TOKENS = List.of(
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1e-999",
            "0",
            "-0",
            "-1",
            "1",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1".repeat(399),
            "1".repeat(5_000),
            "0.1e",
            "01",
            "+1",
            "1.",
            "null",
            "true",
            "\"\"",
            "\"a\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\uZZZZ\"",
            "[]",
            "{}",
            "[[]]",
            "[[1],[2,3]]",
            "[".repeat(120),
            "[".repeat(5_000),
            "{\"a\":".repeat(300),
            ",",
            ":",
            "}",
            "]",
            "\"",
            "\\",
            "\u0000",
            "\u00ff\u00fe",
            "\"shape\":[-1,4]",
            "\"shape\":[9223372036854775807,9223372036854775807]",
            "\"shape\":[0]",
            "\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
            "\"datatype\":\"FP16\"",
            "\"datatype\":\"BYTES\"",
            "\"datatype\":\"\"",
            "\"parameters\":{\"binary_data_size\":-1}",
            "\"parameters\":{\"binary_data_size\":9223372036854775807}",
            "\"parameters\":{\"binary_data_output\":true,\"timeout\":-5}",
            "\"parameters\":{\"classification\":1000000000}",
            "\"outputs\":[{\"name\":\"nobody\"}]",
            "\"id\":{}");

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/octet-stream",
            "text/plain",
            "application/json; charset=utf-16",
            "multipart/form-data; boundary=x",
            "application/grpc",
            "x");

    private static final List<String> LENGTHS =
            List.of("0", "1", "10", "-1", "99999999999999999999", "2147483648", "abc", "", "1e3", "0x10");

    private static final List<String> SUFFIXES = List.of(
            "", "/", "/..", "%00", "%2e%2e%2f", "?x=1", "#", "/versions/1/infer", "/infer/infer", "%ff%fe", "//", "%");

    private final List<Attempt> seeds;
    private final Random random;

    Mutations(List<Attempt> seeds, long seed) {
        this.seeds = seeds;
        this.random = new Random(seed);
    }

    Attempt next() {
        Attempt seed = seeds.get(random.nextInt(seeds.size()));
        byte[] body = seed.body();
        for (int i = 1 + random.nextInt(MOST_MUTATIONS); i > 0; i--) {
            body = mutate(body);
        }
        Map<String, String> headers = new HashMap<>(seed.headers());
        String path = seed.path();
        if (!seed.grpc()) {
            if (random.nextInt(10) == 0) {
                body = header(headers, body);
            }
            if (random.nextInt(40) == 0) {
                path += SUFFIXES.get(random.nextInt(SUFFIXES.size()));
            }
        } else if (random.nextInt(4) > 0) {
            // Mostly a frame that is right around a message that isn't.
            body = Seeds.frame(Arrays.copyOfRange(body, Math.min(5, body.length), body.length));
        }
        return new Attempt(seed.grpc(), path, headers, body);
    }

    private byte[] header(Map<String, String> headers, byte[] body) {
        switch (random.nextInt(5)) {
            case 0 -> headers.put("Content-Type", TYPES.get(random.nextInt(TYPES.size())));
            case 1 -> headers.put("Inference-Header-Content-Length", LENGTHS.get(random.nextInt(LENGTHS.size())));
            case 2 ->
                headers.put(
                        "Inference-Header-Content-Length",
                        String.valueOf(Math.max(0, body.length - random.nextInt(40))));
            case 3 -> headers.put("X-Request-Id", "r".repeat(1 + random.nextInt(4_000)));
            default -> {
                headers.put("Content-Encoding", random.nextInt(4) == 0 ? "deflate" : "gzip");
                return random.nextBoolean() ? gzip(body) : body;
            }
        }
        return body;
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private byte[] mutate(byte[] body) {
        int from = random.nextInt(body.length + 1);
        int to = Math.min(body.length, from + random.nextInt(1 + Math.max(1, body.length / 4)));
        return switch (random.nextInt(9)) {
            case 0 -> flip(body);
            case 1 -> join(body, 0, from, new byte[0], to);
            case 2 -> join(body, 0, to, new byte[0], from);
            case 3 -> Arrays.copyOf(body, from);
            case 4 -> join(body, 0, from, token(), from);
            case 5 -> overwriteNumber(body);
            case 6 -> splice(body, from);
            case 7 -> join(body, 0, from, token(), to);
            default -> {
                byte[] noise = new byte[random.nextInt(20)];
                random.nextBytes(noise);
                yield join(body, 0, from, noise, Math.min(body.length, from + noise.length));
            }
        };
    }

    private byte[] token() {
        return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] flip(byte[] body) {
        byte[] flipped = body.clone();
        for (int i = random.nextInt(8); i >= 0 && flipped.length > 0; i--) {
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private byte[] overwriteNumber(byte[] body) {
        int start = random.nextInt(body.length + 1);
        while (start < body.length && !isDigit(body[start])) {
            start++;
        }
        int end = start;
        while (end < body.length && isDigit(body[end])) {
            end++;
        }
        return join(body, 0, start, token(), end);
    }

    private static boolean isDigit(byte b) {
        return (b >= '0' && b <= '9') || b == '.' || b == '-';
    }

    private byte[] splice(byte[] body, int from) {
        byte[] other = seeds.get(random.nextInt(seeds.size())).body();
        int at = random.nextInt(other.length + 1);
        return join(body, 0, from, Arrays.copyOfRange(other, at, other.length), body.length);
    }

    /** From {@code start} to {@code end}, then the middle, then from {@code rest} on. */
    private static byte[] join(byte[] body, int start, int end, byte[] middle, int rest) {
        byte[] joined = new byte[end - start + middle.length + body.length - rest];
        System.arraycopy(body, start, joined, 0, end - start);
        System.arraycopy(middle, 0, joined, end - start, middle.length);
        System.arraycopy(body, rest, joined, end - start + middle.length, body.length - rest);
        return joined;
    }
}
