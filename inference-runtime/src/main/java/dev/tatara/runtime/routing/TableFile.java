package dev.tatara.runtime.routing;

import dev.tatara.traffic.SignedTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.jboss.logging.Logger;

/** The table that lies in a mounted file: the second way to learn of a new one, and the first at start. */
public final class TableFile {
    private static final Logger LOG = Logger.getLogger(TableFile.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration INTERVAL_AT_START = Duration.ofMillis(200);

    private final Path file;
    private final Routing routing;
    private byte[] seen = {};
    private String told = "";

    public TableFile(Path file, Routing routing) {
        this.file = file;
        this.routing = routing;
    }

    /** Looks at the file again and again, on a thread of its own. */
    public void watch() {
        Thread.ofVirtual().name("traffic-table").start(() -> {
            try {
                while (true) {
                    look();
                    Thread.sleep(routing.isReady() ? INTERVAL : INTERVAL_AT_START);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Takes up what lies there, if it isn't what lay there before. */
    void look() {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(SignedTable.MOST_BYTES + 1);
        } catch (IOException e) {
            tell("cannot read the traffic table " + file + ": " + e);
            return;
        }
        if (Arrays.equals(bytes, seen)) {
            return;
        }
        seen = bytes;
        switch (routing.take(bytes)) {
            case Routing.Outcome.InForce inForce -> told = "";
            // The kubelet is slower than the operator's push.
            case Routing.Outcome.Stale stale ->
                LOG.debugf("the traffic table in %s is older than %d", file, stale.generation());
            case Routing.Outcome.Refused refused ->
                tell("the traffic table in " + file + " is refused: " + refused.why());
            case Routing.Outcome.Malformed malformed ->
                tell("the traffic table in " + file + " can't be read: " + malformed.why());
        }
    }

    /** Once, however often it is looked at. */
    private void tell(String problem) {
        if (!problem.equals(told)) {
            told = problem;
            LOG.warn(problem);
        }
    }
}
