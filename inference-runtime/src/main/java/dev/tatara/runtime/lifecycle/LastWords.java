package dev.tatara.runtime.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jboss.logging.Logger;

/** Says in one line why the process ends, where people and Kubernetes look. */
public final class LastWords {
    private static final Logger LOG = Logger.getLogger(LastWords.class);
    private static final Path TERMINATION_LOG = Path.of("/dev/termination-log");
    private static final int LONGEST = 2000;

    private LastWords() {}

    /** Logs the reason and leaves it for Kubernetes. */
    public static void say(String reason) {
        LOG.error(leave(reason));
    }

    /**
     * Leaves the reason in the container's termination log, if there is one: a laptop's files aren't touched.
     *
     * @return the reason in one line
     */
    public static String leave(String reason) {
        String line = reason.replaceAll("\\s*\\R\\s*", " ");
        if (!Files.isWritable(TERMINATION_LOG)) {
            return line;
        }
        try {
            Files.writeString(
                    TERMINATION_LOG,
                    line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…",
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            LOG.debug("cannot write " + TERMINATION_LOG, e);
        }
        return line;
    }
}
