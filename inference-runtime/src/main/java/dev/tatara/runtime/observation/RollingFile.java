package dev.tatara.runtime.observation;

import dev.tatara.runtime.observation.Uploads.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;

/**
 * Lines that are gathered in memory, compressed, and handed over for writing when there are enough of them or the first
 * one is old enough.
 */
final class RollingFile {
    static final String SUFFIX = ".jsonl.gz";
    private static final int BUFFER = 16 << 10;

    private final Kind kind;
    private final String folder;
    private final Identity identity;
    private final Uploads uploads;
    private final Clock clock;
    private final Duration interval;
    private final long mostBytes;
    private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    private GZIPOutputStream gzip;
    private Instant opened;
    private int records;
    private long sequence;

    /**
     * @param folder first part of the names of its files
     * @param interval how old the first line may become
     * @param mostBytes compressed bytes after which it is handed over
     */
    RollingFile(
            Kind kind,
            String folder,
            Identity identity,
            Uploads uploads,
            Clock clock,
            Duration interval,
            long mostBytes) {
        this.kind = kind;
        this.folder = folder;
        this.identity = identity;
        this.uploads = uploads;
        this.clock = clock;
        this.interval = interval;
        this.mostBytes = mostBytes;
    }

    /** Appends whole lines. */
    synchronized void append(byte[] lines, int length, int count) {
        try {
            if (gzip == null) {
                gzip = new GZIPOutputStream(compressed, BUFFER);
                opened = clock.instant();
            }
            gzip.write(lines, 0, length);
            records += count;
            if (compressed.size() >= mostBytes) {
                roll();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hands over what is old enough. */
    synchronized void tick() {
        if (gzip != null && !clock.instant().isBefore(opened.plus(interval))) {
            roll();
        }
    }

    /** Hands over what there is. */
    synchronized void roll() {
        if (gzip == null) {
            return;
        }
        try {
            gzip.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        uploads.offer(kind, identity.hourlyKey(folder, opened, sequence++, SUFFIX), compressed.toByteArray(), records);
        compressed.reset();
        gzip = null;
        records = 0;
    }

    /** Compressed bytes that aren't handed over yet, roughly. */
    synchronized long size() {
        return gzip == null ? 0 : compressed.size() + BUFFER;
    }
}
