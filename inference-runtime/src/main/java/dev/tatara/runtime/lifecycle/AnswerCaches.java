package dev.tatara.runtime.lifecycle;

import dev.tatara.runtime.inference.AnswerCache;
import dev.tatara.runtime.inference.CachingEngine;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.metrics.ProcessMetrics;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/** The cache of answers of the model that is loaded now, if the settings want one and the model's answers may be kept. */
final class AnswerCaches {
    private static final Logger LOG = Logger.getLogger(AnswerCaches.class);
    private static final int SHARE_OF_HEAP = 4;

    private final long maxBytes;
    private final CachingEngine.Counts counts = new CachingEngine.Counts();
    private volatile AnswerCache current;

    AnswerCaches(RuntimeSettings settings, ProcessMetrics metrics) {
        long wanted = settings.cache().maxBytes();
        maxBytes = Math.min(wanted, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        if (maxBytes > 0) {
            metrics.watch(counts, this::bytes);
        }
        if (maxBytes < wanted) {
            LOG.infof(
                    "answers may take %d bytes, a quarter of the heap, and not the %d of tatara.runtime.cache.max-bytes",
                    maxBytes, wanted);
        }
    }

    private Number bytes() {
        AnswerCache cache = current;
        return cache == null ? 0 : cache.bytes();
    }

    /** Begins an empty cache for a model: what to put before each event loop's engine. */
    UnaryOperator<InferenceEngine> before(ServedModel model) {
        current = null;
        if (maxBytes == 0) {
            return engine -> engine;
        }
        if (model.whyNotRepeatable().isPresent()) {
            LOG.warnf(
                    "tatara.runtime.cache.max-bytes has no effect: %s",
                    model.whyNotRepeatable().get());
            return engine -> engine;
        }
        AnswerCache cache = new AnswerCache(maxBytes);
        current = cache;
        return engine -> new CachingEngine(cache, counts, engine);
    }
}
