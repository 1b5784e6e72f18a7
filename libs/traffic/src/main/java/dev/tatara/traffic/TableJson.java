package dev.tatara.traffic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A table as JSON: the same table gives the same bytes. Names that aren't known are left aside. */
final class TableJson {
    private static final JsonFactory JSON = new JsonFactory();

    private TableJson() {}

    static byte[] write(TrafficTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeNumberField("schemaVersion", table.schemaVersion());
            out.writeStringField("service", table.service());
            out.writeNumberField("generation", table.generation());
            out.writeStringField("salt", table.salt());
            out.writeArrayFieldStart("entries");
            for (Entry entry : table.entries()) {
                write(entry, out);
            }
            out.writeEndArray();
            out.writeArrayFieldStart("match");
            for (HeaderMatch rule : table.match()) {
                out.writeStartObject();
                out.writeStringField("header", rule.header());
                out.writeStringField("value", rule.value());
                out.writeStringField("revision", rule.revision());
                out.writeEndObject();
            }
            out.writeEndArray();
            if (table.stickyHeader() != null) {
                out.writeStringField("stickyHeader", table.stickyHeader());
            }
            Shadow shadow = table.shadow();
            if (shadow != null) {
                out.writeObjectFieldStart("shadow");
                out.writeStringField("revision", shadow.revision());
                out.writeNumberField("percent", shadow.percent());
                out.writeNumberField("tolerance", shadow.tolerance());
                out.writeEndObject();
            }
            out.writeNumberField("bucketSeconds", table.bucketSeconds());
            if (table.dividedBefore()) {
                out.writeBooleanField("dividedBefore", true);
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a table could not be written to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void write(Entry entry, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("revision", entry.revision());
        out.writeNumberField("weight", entry.weight());
        out.writeBooleanField("closed", entry.closed());
        out.writeArrayFieldStart("peers");
        for (String peer : entry.peers()) {
            out.writeString(peer);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    static TrafficTable read(byte[] json) throws MalformedTableException {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return table(parser);
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            throw new MalformedTableException("not a traffic table that this version can read: " + e.getMessage(), e);
        }
    }

    private static TrafficTable table(JsonParser parser) throws IOException {
        int schemaVersion = 0;
        String service = null;
        long generation = 0;
        String salt = null;
        List<Entry> entries = List.of();
        List<HeaderMatch> match = List.of();
        String stickyHeader = null;
        Shadow shadow = null;
        int bucketSeconds = 0;
        boolean dividedBefore = false;
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "schemaVersion" -> schemaVersion = parser.getIntValue();
                case "service" -> service = JsonWalk.text(parser);
                case "generation" -> generation = parser.getLongValue();
                case "salt" -> salt = JsonWalk.text(parser);
                case "entries" -> entries = JsonWalk.list(parser, TableJson::entry);
                case "match" -> match = JsonWalk.list(parser, TableJson::match);
                case "stickyHeader" -> stickyHeader = JsonWalk.text(parser);
                case "shadow" -> shadow = shadow(parser);
                case "bucketSeconds" -> bucketSeconds = parser.getIntValue();
                case "dividedBefore" -> dividedBefore = parser.getBooleanValue();
                default -> parser.skipChildren();
            }
        }
        return new TrafficTable(
                schemaVersion,
                service,
                generation,
                salt,
                entries,
                match,
                stickyHeader,
                shadow,
                bucketSeconds,
                dividedBefore);
    }

    private static Entry entry(JsonParser parser) throws IOException {
        String revision = null;
        int weight = 0;
        boolean closed = false;
        List<String> peers = List.of();
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "revision" -> revision = JsonWalk.text(parser);
                case "weight" -> weight = parser.getIntValue();
                case "closed" -> closed = parser.getBooleanValue();
                case "peers" -> peers = JsonWalk.list(parser, JsonWalk::text);
                default -> parser.skipChildren();
            }
        }
        return new Entry(revision, weight, closed, peers);
    }

    private static HeaderMatch match(JsonParser parser) throws IOException {
        String header = null;
        String value = null;
        String revision = null;
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "header" -> header = JsonWalk.text(parser);
                case "value" -> value = JsonWalk.text(parser);
                case "revision" -> revision = JsonWalk.text(parser);
                default -> parser.skipChildren();
            }
        }
        return new HeaderMatch(header, value, revision);
    }

    private static Shadow shadow(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        String revision = null;
        int percent = 0;
        double tolerance = 0;
        JsonWalk.begin(parser);
        for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
            switch (name) {
                case "revision" -> revision = JsonWalk.text(parser);
                case "percent" -> percent = parser.getIntValue();
                case "tolerance" -> tolerance = parser.getDoubleValue();
                default -> parser.skipChildren();
            }
        }
        return new Shadow(revision, percent, tolerance);
    }
}
