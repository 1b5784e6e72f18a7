package dev.tatara.steps.drift;

import dev.tatara.steps.StoreFolder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file of sketches as its key tells it: {@code <revision>/<start>/<pod>-<boot id>-<n>.bin} is a pane, and
 * {@code <revision>/hours/<start>-<part>.zip} and {@code <revision>/days/<start>-<part>.zip} are roll-ups.
 *
 * @param level how long it is
 * @param revision the service's revision
 * @param start when the pane, the hour or the day begins
 * @param name the file's name without its ending, which nothing else of the level and revision has
 * @param key where it lies in the store
 * @param sizeBytes its length
 */
record Piece(Level level, String revision, Instant start, String name, String key, long sizeBytes) {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");
    private static final Pattern PANE = Pattern.compile("(.+)-([0-9a-f]{4,32})-(\\d{1,18})");
    private static final Pattern ROLL_UP = Pattern.compile("(\\d{8}T\\d{6}Z)-(\\d{1,9})");

    enum Level {
        PANE(null, null),
        HOUR("hours", ChronoUnit.HOURS),
        DAY("days", ChronoUnit.DAYS);

        private final String folder;
        private final ChronoUnit length;

        Level(String folder, ChronoUnit length) {
            this.folder = folder;
            this.length = length;
        }

        Duration length() {
            return length.getDuration();
        }

        /** The hour or the day that a time lies in. */
        Instant startOf(Instant time) {
            return time.truncatedTo(length);
        }
    }

    /**
     * Reads a key; nothing where it isn't called like a file of sketches.
     *
     * @param folder of the service, with a slash at its end
     */
    static Optional<Piece> of(String folder, StoreFolder.Entry entry) {
        var parts = entry.key().substring(folder.length()).split("/", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        for (var level : new Level[] {Level.HOUR, Level.DAY}) {
            if (parts[1].equals(level.folder)) {
                return rollUp(level, parts[0], parts[2], entry);
            }
        }
        var name = withoutEnding(parts[2], ".bin");
        return name.filter(text -> PANE.matcher(text).matches()).flatMap(text -> time(parts[1])
                .map(start -> new Piece(Level.PANE, parts[0], start, text, entry.key(), entry.sizeBytes())));
    }

    private static Optional<Piece> rollUp(Level level, String revision, String file, StoreFolder.Entry entry) {
        return withoutEnding(file, ".zip").flatMap(name -> {
            var match = ROLL_UP.matcher(name);
            return match.matches()
                    ? time(match.group(1))
                            .filter(start -> start.equals(level.startOf(start)))
                            .map(start -> new Piece(level, revision, start, name, entry.key(), entry.sizeBytes()))
                    : Optional.empty();
        });
    }

    private static Optional<String> withoutEnding(String file, String ending) {
        return file.endsWith(ending)
                ? Optional.of(file.substring(0, file.length() - ending.length()))
                : Optional.empty();
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(LocalDateTime.parse(text, SECOND).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    static String nameOf(Instant start, int part) {
        return SECOND.withZone(ZoneOffset.UTC).format(start) + "-" + part;
    }

    static String keyOf(String folder, String revision, Level level, String name) {
        return folder + revision + "/" + level.folder + "/" + name + ".zip";
    }

    /** Which part of its hour or day a roll-up is. */
    static int partOf(String name) {
        return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    }

    /** The process that wrote a pane: pod and boot id. */
    static String processOf(String paneName) {
        return paneName.substring(0, paneName.lastIndexOf('-'));
    }

    /** The pod that a process ran in. */
    static String podOf(String process) {
        return process.substring(0, process.lastIndexOf('-'));
    }

    /** Which of its process's panes a pane is, from 0. */
    static long numberOf(String paneName) {
        return Long.parseLong(paneName.substring(paneName.lastIndexOf('-') + 1));
    }
}
