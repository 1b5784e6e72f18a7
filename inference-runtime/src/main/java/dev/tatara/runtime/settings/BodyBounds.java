package dev.tatara.runtime.settings;

import org.jboss.logging.Logger;

/**
 * What bodies of requests may hold of the process' memory. They lie on the JVM's heap, and the heap has other uses: what
 * the settings allow is lowered to what a small container can bear.
 *
 * @param mostBytes the largest body, compressed or not
 * @param mostBufferedBytes what unfinished bodies of all connections may hold together
 */
public record BodyBounds(long mostBytes, long mostBufferedBytes) {
    private static final Logger LOG = Logger.getLogger(BodyBounds.class);
    private static final int SHARE_OF_HEAP = 4;

    /** The settings' bounds, or a quarter of this JVM's heap where that is less. */
    public static BodyBounds of(RuntimeSettings settings) {
        return of(settings, Runtime.getRuntime().maxMemory());
    }

    static BodyBounds of(RuntimeSettings settings, long heap) {
        long buffered = Math.min(settings.limits().maxBufferedBytes(), heap / SHARE_OF_HEAP);
        return new BodyBounds(Math.min(settings.limits().maxBodyBytes(), buffered), buffered);
    }

    /** Says so where the heap allows less than the settings do. */
    public static void warn(RuntimeSettings settings) {
        BodyBounds bounds = of(settings);
        if (bounds.mostBytes < settings.limits().maxBodyBytes()) {
            LOG.infof(
                    "bodies of requests may have %d bytes, a quarter of the heap, and not the %d of"
                            + " tatara.runtime.limits.max-body-bytes",
                    bounds.mostBytes, settings.limits().maxBodyBytes());
        }
    }
}
