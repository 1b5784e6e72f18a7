package dev.tatara.steps.drift;

import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.PaneFormatException;
import dev.tatara.steps.UnreadableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Panes of an hour, or hours of a day, in one file: a zip of {@code pane.bin}, which is a pane like any other, and
 * {@code sources.json}.
 *
 * @param pane what they saw
 * @param sources what they were
 */
record RollUp(Pane pane, Sources sources) {
    private static final String PANE = "pane.bin";
    private static final String SOURCES = "sources.json";
    private static final int MOST_SOURCES_BYTES = 64 << 20;
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    byte[] toBytes() {
        try {
            var bytes = new ByteArrayOutputStream();
            try (var zip = new ZipOutputStream(bytes)) {
                add(zip, PANE, PaneFormat.write(pane));
                add(zip, SOURCES, sources.toJson());
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /**
     * Reads a roll-up.
     *
     * @param bytes from anywhere: bounded memory is used whatever they are
     */
    static RollUp read(byte[] bytes) throws UnreadableException {
        Pane pane = null;
        Sources sources = null;
        try (var zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(PANE)) {
                    pane = PaneFormat.read(content(zip, PaneFormat.MOST_BYTES));
                } else if (entry.getName().equals(SOURCES)) {
                    sources = Sources.fromJson(content(zip, MOST_SOURCES_BYTES));
                }
            }
        } catch (PaneFormatException e) {
            throw new UnreadableException(e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new UnreadableException("the roll-up is damaged: " + e, e);
        }
        if (pane == null || sources == null) {
            throw new UnreadableException("the roll-up is damaged: expected a zip of " + PANE + " and " + SOURCES);
        }
        return new RollUp(pane, sources);
    }

    private static byte[] content(ZipInputStream zip, int most) throws IOException {
        var content = zip.readNBytes(most + 1);
        if (content.length > most) {
            throw new IOException("expected at most " + most + " bytes");
        }
        return content;
    }
}
