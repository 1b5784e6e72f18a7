package dev.tatara.statistics;

import dev.tatara.statistics.CategorySketch.Frequency;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Pane.Role;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * A pane as bytes: docs/reference/observation.md has the format. Readers skip what they don't know, so a newer writer
 * may add sections, and fields at the end of a section; whatever else changes is a new version.
 */
public final class PaneFormat {
    /** The version that is written, and the newest that is read. */
    public static final int VERSION = 1;

    /** The largest pane that is read or written. */
    public static final int MOST_BYTES = 64 << 20;

    static final byte[] MAGIC = "TTPN".getBytes(StandardCharsets.US_ASCII);
    static final int SECTION_ORIGIN = 1;
    static final int SECTION_COUNTS = 2;
    static final int SECTION_COLUMN = 3;
    static final int SECTION_TRAFFIC = 4;
    static final int SECTION_END = 0xFFFF;
    static final int ROLE_FEATURE = 1;
    static final int ROLE_PREDICTION = 2;
    static final int KIND_NUMBERS = 1;
    static final int KIND_CATEGORIES = 2;
    static final int MARK_LAST = 1;
    static final int MOST_COLUMNS = 20_000;
    static final int TOO_MANY_DISTINCT = 0xFFFF;

    private static final int LONGEST_NAME = 4096;

    private PaneFormat() {}

    /** The bytes of a pane. */
    public static byte[] write(Pane pane) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(MAGIC);
            out.writeShort(VERSION);
            section(out, SECTION_ORIGIN, body -> origin(body, pane.origin()));
            section(out, SECTION_COUNTS, body -> counts(body, pane));
            if (pane.traffic() != null) {
                section(out, SECTION_TRAFFIC, body -> traffic(body, pane.traffic()));
            }
            for (Column column : pane.columns()) {
                section(out, SECTION_COLUMN, body -> column(body, column));
            }
            CRC32C checksum = new CRC32C();
            checksum.update(bytes.toByteArray());
            section(out, SECTION_END, body -> body.writeInt((int) checksum.getValue()));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static void section(DataOutputStream out, int tag, Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.write(new DataOutputStream(bytes));
        out.writeShort(tag);
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static void origin(DataOutputStream out, Origin origin) throws IOException {
        for (String text : List.of(
                origin.namespace(),
                origin.service(),
                origin.revision(),
                origin.model(),
                origin.modelVersion(),
                origin.pod(),
                origin.bootId())) {
            text(out, text);
        }
        out.writeLong(origin.sequence());
        if (origin.last()) {
            out.writeByte(MARK_LAST);
        }
    }

    private static void counts(DataOutputStream out, Pane pane) throws IOException {
        out.writeLong(pane.start().toEpochMilli());
        out.writeLong(pane.end().toEpochMilli());
        out.writeLong(pane.sources());
        out.writeLong(pane.rowsSeen());
        out.writeLong(pane.rowsSampled());
    }

    private static void traffic(DataOutputStream out, Traffic traffic) throws IOException {
        out.writeLong(traffic.requests());
        out.writeLong(traffic.failed());
        out.writeLong(traffic.throttled());
        int[] used = IntStream.range(0, LatencyHistogram.BUCKETS)
                .filter(bucket -> traffic.latency().count(bucket) > 0)
                .toArray();
        out.writeShort(used.length);
        for (int bucket : used) {
            out.writeShort(bucket);
            out.writeLong(traffic.latency().count(bucket));
        }
    }

    private static void column(DataOutputStream out, Column column) throws IOException {
        out.writeByte(
                switch (column.role()) {
                    case Feature -> ROLE_FEATURE;
                    case Prediction -> ROLE_PREDICTION;
                });
        switch (column.sketch()) {
            case NumberSketch numbers -> {
                out.writeByte(KIND_NUMBERS);
                text(out, column.name());
                numbers(out, numbers);
            }
            case CategorySketch categories -> {
                out.writeByte(KIND_CATEGORIES);
                text(out, column.name());
                categories(out, categories.parts());
            }
        }
    }

    private static void numbers(DataOutputStream out, NumberSketch sketch) throws IOException {
        NumberSketch.Moments moments = sketch.moments();
        out.writeLong(moments.finite());
        out.writeLong(moments.missing());
        out.writeLong(moments.positiveInfinities());
        out.writeLong(moments.negativeInfinities());
        out.writeDouble(moments.min());
        out.writeDouble(moments.max());
        out.writeDouble(moments.mean());
        out.writeDouble(moments.squares());
        DistinctValues distinct = sketch.distinctValues();
        out.writeShort(distinct.tooMany() ? TOO_MANY_DISTINCT : distinct.size());
        for (int i = 0; i < distinct.size(); i++) {
            out.writeDouble(distinct.value(i));
            out.writeLong(distinct.count(i));
        }
        bytes(out, sketch.quantileBytes());
    }

    private static void categories(DataOutputStream out, CategorySketch.Parts parts) throws IOException {
        out.writeLong(parts.count());
        out.writeLong(parts.missing());
        out.writeLong(parts.error());
        out.writeInt(parts.frequencies().size());
        for (Frequency frequency : parts.frequencies()) {
            text(out, frequency.value());
            out.writeLong(frequency.lowerBound());
        }
        bytes(out, parts.distinct());
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes(out, utf8.length <= LONGEST_NAME ? utf8 : Arrays.copyOf(utf8, LONGEST_NAME));
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /**
     * Reads a pane.
     *
     * @param bytes from anywhere: bounded memory is used whatever they are
     */
    public static Pane read(byte[] bytes) throws PaneFormatException {
        if (bytes.length > MOST_BYTES) {
            throw new PaneFormatException("expected a pane of at most " + MOST_BYTES + " bytes, found " + bytes.length);
        }
        try {
            return read(new PaneInput(bytes), bytes);
        } catch (RuntimeException e) {
            // The sketches' own readers, and our bounds: whatever the bytes did to them, they are no pane.
            throw new PaneFormatException("the pane is damaged: " + e, e);
        }
    }

    private static Pane read(PaneInput in, byte[] bytes) throws PaneFormatException {
        if (bytes.length < MAGIC.length + Short.BYTES || !Arrays.equals(in.raw(MAGIC.length), MAGIC)) {
            throw new PaneFormatException("expected a pane, which begins with TTPN, found "
                    + (bytes.length == 0 ? "nothing" : "something else"));
        }
        int version = in.unsignedShort();
        if (version < 1 || version > VERSION) {
            throw new PaneFormatException("expected a pane of version 1 to " + VERSION + ", found version " + version
                    + ": read it with a newer release");
        }
        Origin origin = null;
        PaneInput counts = null;
        Traffic traffic = null;
        List<Column> columns = new ArrayList<>();
        while (true) {
            int before = in.position();
            int tag = in.unsignedShort();
            PaneInput body = in.section();
            if (tag == SECTION_END) {
                checkSum(bytes, before, body.integer());
                break;
            } else if (tag == SECTION_ORIGIN) {
                origin = readOrigin(body);
            } else if (tag == SECTION_COUNTS) {
                counts = body;
            } else if (tag == SECTION_TRAFFIC) {
                traffic = PaneInput.traffic(body);
            } else if (tag == SECTION_COLUMN) {
                if (columns.size() == MOST_COLUMNS) {
                    throw new PaneFormatException("expected at most " + MOST_COLUMNS + " columns, found more");
                }
                Column column = readColumn(body);
                if (column != null) {
                    columns.add(column);
                }
            }
        }
        if (origin == null || counts == null) {
            throw new PaneFormatException("the pane is damaged: it doesn't say where it comes from");
        }
        return new Pane(
                origin,
                Instant.ofEpochMilli(counts.number()),
                Instant.ofEpochMilli(counts.number()),
                counts.count(),
                counts.count(),
                counts.count(),
                traffic,
                columns);
    }

    private static void checkSum(byte[] bytes, int length, int expected) throws PaneFormatException {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        if ((int) checksum.getValue() != expected) {
            throw new PaneFormatException("the pane is damaged: its checksum is another");
        }
    }

    private static Origin readOrigin(PaneInput in) throws PaneFormatException {
        return new Origin(
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.number(),
                !in.isAtEnd() && (in.unsignedByte() & MARK_LAST) != 0);
    }

    /** Null for a role or kind that this version doesn't know. */
    private static Column readColumn(PaneInput in) throws PaneFormatException {
        int roleCode = in.unsignedByte();
        int kind = in.unsignedByte();
        String name = in.text();
        if (roleCode != ROLE_FEATURE && roleCode != ROLE_PREDICTION) {
            return null;
        }
        Role role = roleCode == ROLE_FEATURE ? Role.Feature : Role.Prediction;
        return switch (kind) {
            case KIND_NUMBERS -> new Column(role, name, PaneInput.numbers(in));
            case KIND_CATEGORIES -> new Column(role, name, PaneInput.categories(in));
            default -> null;
        };
    }
}
