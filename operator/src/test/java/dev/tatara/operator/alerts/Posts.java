package dev.tatara.operator.alerts;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Posts as an Alertmanager makes them. */
final class Posts {
    static final Instant START = Instant.parse("2026-11-21T06:00:00Z");

    private Posts() {}

    /** An alert of the service churn in a namespace. */
    static String firing(String fingerprint, String namespace) {
        return alert(fingerprint, namespace, START, null, "");
    }

    static String resolved(String fingerprint, String namespace) {
        return alert(fingerprint, namespace, START, Instant.now(), "");
    }

    private static String alert(String fingerprint, String namespace, Instant start, Instant end, String description) {
        return """
                {"status":"%s","labels":{"alertname":"HighModelDrift","namespace":"%s","service":"churn","n":"%s"},\
                "annotations":{"description":"%s"},"startsAt":"%s","endsAt":"%s","generatorURL":"http://prometheus/","fingerprint":"%s"}""".formatted(
                        end == null ? "firing" : "resolved",
                        namespace,
                        fingerprint,
                        description,
                        start,
                        end == null ? "0001-01-01T00:00:00Z" : end,
                        fingerprint);
    }

    static String of(String... alerts) {
        return BEGIN + String.join(",", alerts) + END;
    }

    static String fingerprint(int number) {
        return "%016x".formatted(number);
    }

    /** A post that is made while it is read: as many alerts, each with so many characters to say. */
    static InputStream storm(int alerts, String namespace, int characters) {
        var description = "x".repeat(characters);
        Stream<String> parts = Stream.concat(
                Stream.concat(
                        Stream.of(BEGIN),
                        IntStream.range(0, alerts)
                                .mapToObj(number -> (number == 0 ? "" : ",")
                                        + alert(fingerprint(number), namespace, START, null, description))),
                Stream.of(END));
        return new Parts(parts.iterator());
    }

    /** Texts one after the other, each made when it is read. */
    private static final class Parts extends InputStream {
        private final Iterator<String> parts;
        private InputStream part = InputStream.nullInputStream();

        Parts(Iterator<String> parts) {
            this.parts = parts;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            var read = part.read(bytes, offset, length);
            while (read < 0 && parts.hasNext()) {
                part = new ByteArrayInputStream(parts.next().getBytes(StandardCharsets.UTF_8));
                read = part.read(bytes, offset, length);
            }
            return read;
        }
    }

    private static final String BEGIN = "{\"receiver\":\"tatara\",\"status\":\"firing\",\"alerts\":[";
    private static final String END =
            "],\"groupLabels\":{},\"commonLabels\":{},\"commonAnnotations\":{},\"externalURL\":\"http://alertmanager/\","
                    + "\"version\":\"4\",\"groupKey\":\"{}:{}\",\"truncatedAlerts\":0}";
}
