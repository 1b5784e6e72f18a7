package dev.tatara.runtime.observation;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.JsonToken;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What turned out to be true: labels and figures by request id. Taken into bounded memory, gathered into files, written
 * to the artifact store. All of a body is taken or nothing.
 */
public final class Feedback {
    private static final int MOST_ENTRIES = 10_000;
    private static final int MOST_FIGURES = 32;
    private static final int LONGEST_ID = 256;
    private static final int LONGEST_LABEL = 1024;
    private static final int LONGEST_NAME = 128;
    private static final int FILE_BYTES = 1 << 20;

    private final Uploads uploads;
    private final Queue<Batch> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final RollingFile file;
    private final long mostWaiting;
    private final Clock clock;

    /**
     * @param uploads null where there is no store: then everything is refused
     */
    Feedback(RuntimeSettings.Feedback settings, Identity identity, Uploads uploads, Clock clock) {
        this.uploads = uploads;
        this.clock = clock;
        mostWaiting = settings.maxBufferedBytes();
        file = new RollingFile(
                Kind.FEEDBACK, "feedback", identity, uploads, clock, settings.fileInterval(), FILE_BYTES);
    }

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Batch(byte[] lines, int count) {}

    private static final class Entry {
        private String requestId;
        private long row;
        private String label;
        private Instant at;
        private final Map<String, Double> figures = new LinkedHashMap<>();
    }

    /**
     * Takes a body of {@code POST /feedback}: one object or a list of them. When this returns, it will be written within
     * {@code feedback.file-interval}, unless the process is killed before.
     *
     * @return the number of entries taken, to be answered with status 202
     * @throws RequestException 400 for what isn't feedback, 413 for too many entries, 503 where there is no store or no
     *     room
     */
    public int accept(Json json, byte[] bytes, int offset, int length) throws RequestException {
        if (uploads == null) {
            throw new RequestException(
                    503, "feedback can't be stored: this server has no artifact store (tatara.runtime.store.uri)");
        }
        JsonBytes lines = new JsonBytes();
        int[] count = new int[1];
        Instant now = clock.instant();
        json.read(bytes, offset, length, parser -> {
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (count[0] == MOST_ENTRIES) {
                        throw new RequestException(413, "expected at most " + MOST_ENTRIES + " entries, found more");
                    }
                    write(read(parser, "entry " + count[0] + ": "), now, lines);
                    count[0]++;
                }
            } else {
                write(read(parser, ""), now, lines);
                count[0]++;
            }
        });
        if (count[0] == 0) {
            throw RequestException.bad("the list is empty, expected at least one entry");
        }
        if (uploads.waiting(Kind.FEEDBACK) + file.size() + waitingBytes.get() + lines.size() > mostWaiting) {
            throw new RequestException(503, "the artifact store does not take feedback fast enough: try again later");
        }
        waitingBytes.addAndGet(lines.size());
        waiting.add(new Batch(lines.toByteArray(), count[0]));
        return count[0];
    }

    private static Entry read(JsonReader parser, String where) throws RequestException {
        Json.expect(parser, JsonToken.START_OBJECT, where + "feedback");
        Entry entry = new Entry();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "requestId", "request_id" -> entry.requestId = text(parser, where + name, LONGEST_ID);
                case "row" -> entry.row = row(parser, where + name);
                case "label" -> entry.label = label(parser, where + name);
                case "time" -> entry.at = time(parser, where + name);
                case "figures" -> {
                    Json.expect(parser, JsonToken.START_OBJECT, where + name);
                    while (parser.nextToken() != JsonToken.END_OBJECT) {
                        String figure = parser.currentName();
                        parser.nextToken();
                        figure(entry, figure, parser, where);
                    }
                }
                default -> figure(entry, name, parser, where);
            }
        }
        if (entry.requestId == null || entry.requestId.isEmpty()) {
            throw RequestException.bad(where
                    + "\"request_id\" is missing: the id that the answer had as request_id or header X-Request-Id");
        }
        if (entry.label == null && entry.figures.isEmpty()) {
            throw RequestException.bad(where + "expected a \"label\" or at least one figure such as \"revenue\": 12.5");
        }
        return entry;
    }

    private static String text(JsonReader parser, String what, int longest) throws RequestException {
        Json.expect(parser, JsonToken.VALUE_STRING, what);
        String text = parser.text();
        if (text.length() > longest) {
            throw RequestException.bad(what + ": expected at most " + longest + " characters, found " + text.length());
        }
        return text;
    }

    private static long row(JsonReader parser, String what) throws RequestException {
        Json.expect(parser, JsonToken.VALUE_NUMBER_INT, what);
        if (parser.isLong() && parser.longValue() >= 0 && parser.longValue() <= Integer.MAX_VALUE) {
            return parser.longValue();
        }
        throw RequestException.bad(what + ": expected the row's position in its request, from 0");
    }

    private static String label(JsonReader parser, String what) throws RequestException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> text(parser, what, LONGEST_LABEL);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> parser.text();
            case START_ARRAY, START_OBJECT, VALUE_NULL, END_ARRAY, END_OBJECT, FIELD_NAME ->
                throw RequestException.bad(
                        what + " must be a string, a number or a boolean, got " + Json.kind(parser.currentToken()));
        };
    }

    private static Instant time(JsonReader parser, String what) throws RequestException {
        String text = text(parser, what, LONGEST_ID);
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw RequestException.bad(what + ": expected a time such as 2026-11-21T06:00:00Z");
        }
    }

    private static void figure(Entry entry, String name, JsonReader parser, String where) throws RequestException {
        if (entry.figures.size() == MOST_FIGURES) {
            throw RequestException.bad(where + "expected at most " + MOST_FIGURES + " figures, found more");
        }
        if (name.length() > LONGEST_NAME) {
            throw RequestException.bad(where + "a figure's name has at most " + LONGEST_NAME + " characters");
        }
        double value =
                switch (parser.currentToken()) {
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.doubleValue();
                    case VALUE_TRUE -> 1;
                    case VALUE_FALSE -> 0;
                    case VALUE_STRING, VALUE_NULL, START_ARRAY, START_OBJECT, END_ARRAY, END_OBJECT, FIELD_NAME ->
                        throw RequestException.bad(where + "the figure \"" + name
                                + "\" must be a number or a boolean, got " + Json.kind(parser.currentToken()));
                };
        if (!Double.isFinite(value)) {
            throw RequestException.bad(where + "the figure \"" + name + "\" is too large");
        }
        entry.figures.put(name, value);
    }

    private static void write(Entry entry, Instant now, JsonBytes out) {
        out.raw("{\"time\":").string((entry.at == null ? now : entry.at).toString());
        out.raw(",\"received\":").string(now.toString());
        out.raw(",\"request_id\":").string(entry.requestId);
        out.raw(",\"row\":").number(entry.row);
        out.raw(",\"label\":");
        if (entry.label == null) {
            out.raw("null");
        } else {
            out.string(entry.label);
        }
        out.raw(",\"figures\":{");
        boolean first = true;
        for (Map.Entry<String, Double> figure : entry.figures.entrySet()) {
            out.raw(first ? "" : ",").string(figure.getKey()).raw(':').number(figure.getValue());
            first = false;
        }
        out.raw("}}\n");
    }

    /** Gathers what waits, and hands over what is old enough; one thread at a time. */
    void work() {
        for (Batch batch = waiting.poll(); batch != null; batch = waiting.poll()) {
            file.append(batch.lines, batch.lines.length, batch.count);
            waitingBytes.addAndGet(-batch.lines.length);
        }
        file.tick();
    }

    /** Hands over what there is. */
    void flush() {
        work();
        file.roll();
    }
}
