package dev.tatara.traffic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.PaneFormatException;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Statistics as JSON. A latency is {@code {"<bucket>": count}} with the buckets of {@link LatencyHistogram}, predictions
 * are a {@link PaneFormat pane} in base64. Names that aren't known are left aside.
 */
public final class StatisticsJson {
    /** The largest document that is read, in bytes. */
    public static final int MOST_BYTES = 64 << 20;

    private static final JsonFactory JSON = new JsonFactory();
    private static final Pane.Origin NOWHERE = new Pane.Origin("", "", "", "", "", "", "", 0);

    private StatisticsJson() {}

    public static byte[] write(TrafficStatistics statistics) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeStringField("revision", statistics.revision());
            out.writeNumberField("generation", statistics.generation());
            out.writeNumberField("bucketSeconds", statistics.bucketSeconds());
            out.writeArrayFieldStart("buckets");
            for (Bucket bucket : statistics.buckets()) {
                out.writeStartObject();
                out.writeNumberField("start", bucket.start().toEpochMilli());
                out.writeObjectFieldStart("revisions");
                for (Map.Entry<String, Figures> revision : bucket.revisions().entrySet()) {
                    out.writeFieldName(revision.getKey());
                    write(revision.getValue(), bucket.start(), out);
                }
                out.writeEndObject();
                out.writeObjectFieldStart("shadow");
                out.writeNumberField("compared", bucket.shadow().compared());
                out.writeNumberField("mismatched", bucket.shadow().mismatched());
                out.writeNumberField("dropped", bucket.shadow().dropped());
                out.writeNumberField("failed", bucket.shadow().failed());
                out.writeEndObject();
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("statistics could not be written to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void write(Figures figures, Instant start, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("requests", figures.requests());
        out.writeNumberField("failed", figures.failed());
        out.writeNumberField("refused", figures.refused());
        out.writeNumberField("unreachable", figures.unreachable());
        out.writeObjectFieldStart("latency");
        for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
            if (figures.latency().count(bucket) > 0) {
                out.writeNumberField(Integer.toString(bucket), figures.latency().count(bucket));
            }
        }
        out.writeEndObject();
        if (!figures.predictions().isEmpty()) {
            Pane pane = new Pane(NOWHERE, start, start, 1, 0, 0, figures.predictions());
            out.writeBinaryField("prediction", PaneFormat.write(pane));
        }
        out.writeEndObject();
    }

    /** Reads what a pod answered, whatever it is. */
    public static TrafficStatistics read(byte[] json) throws MalformedStatisticsException {
        if (json.length > MOST_BYTES) {
            throw new MalformedStatisticsException(
                    "expected statistics of up to " + MOST_BYTES + " bytes, found " + json.length, null);
        }
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return statistics(parser);
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            throw new MalformedStatisticsException("not statistics of traffic: " + e.getMessage(), e);
        }
    }

    private static TrafficStatistics statistics(JsonParser parser) throws IOException, PaneFormatException {
        String revision = null;
        long generation = 0;
        int bucketSeconds = 0;
        List<Bucket> buckets = List.of();
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "revision" -> revision = JsonWalk.text(parser);
                case "generation" -> generation = parser.getLongValue();
                case "bucketSeconds" -> bucketSeconds = parser.getIntValue();
                case "buckets" -> buckets = buckets(parser);
                default -> parser.skipChildren();
            }
        }
        return new TrafficStatistics(revision, generation, bucketSeconds, buckets);
    }

    private static List<Bucket> buckets(JsonParser parser) throws IOException, PaneFormatException {
        List<Bucket> buckets = new ArrayList<>();
        JsonWalk.beginArray(parser);
        while (JsonWalk.isMore(parser)) {
            buckets.add(bucket(parser));
        }
        return buckets;
    }

    private static Bucket bucket(JsonParser parser) throws IOException, PaneFormatException {
        Instant start = null;
        Map<String, Figures> revisions = new TreeMap<>();
        Shadowed shadow = Shadowed.NONE;
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "start" -> start = Instant.ofEpochMilli(parser.getLongValue());
                case "revisions" -> {
                    JsonWalk.begin(parser);
                    for (String of = JsonWalk.next(parser); of != null; of = JsonWalk.next(parser)) {
                        revisions.put(of, figures(parser));
                    }
                }
                case "shadow" -> shadow = shadow(parser);
                default -> parser.skipChildren();
            }
        }
        return new Bucket(start, revisions, shadow);
    }

    private static Figures figures(JsonParser parser) throws IOException, PaneFormatException {
        long requests = 0;
        long failed = 0;
        long refused = 0;
        long unreachable = 0;
        LatencyHistogram latency = new LatencyHistogram();
        List<Column> predictions = List.of();
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "requests" -> requests = parser.getLongValue();
                case "failed" -> failed = parser.getLongValue();
                case "refused" -> refused = parser.getLongValue();
                case "unreachable" -> unreachable = parser.getLongValue();
                case "latency" -> {
                    JsonWalk.begin(parser);
                    for (String of = JsonWalk.next(parser); of != null; of = JsonWalk.next(parser)) {
                        int bucket = Integer.parseInt(of);
                        if (bucket < 0 || bucket >= LatencyHistogram.BUCKETS) {
                            throw new IllegalArgumentException("expected buckets of latency from 0 to "
                                    + (LatencyHistogram.BUCKETS - 1) + ", found " + bucket);
                        }
                        latency.add(bucket, parser.getLongValue());
                    }
                }
                case "prediction" ->
                    predictions = PaneFormat.read(parser.getBinaryValue()).columns();
                default -> parser.skipChildren();
            }
        }
        return new Figures(requests, failed, refused, unreachable, latency, predictions);
    }

    private static Shadowed shadow(JsonParser parser) throws IOException {
        long compared = 0;
        long mismatched = 0;
        long dropped = 0;
        long failed = 0;
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "compared" -> compared = parser.getLongValue();
                case "mismatched" -> mismatched = parser.getLongValue();
                case "dropped" -> dropped = parser.getLongValue();
                case "failed" -> failed = parser.getLongValue();
                default -> parser.skipChildren();
            }
        }
        return new Shadowed(compared, mismatched, dropped, failed);
    }
}
