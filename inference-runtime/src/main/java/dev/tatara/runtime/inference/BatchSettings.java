package dev.tatara.runtime.inference;

import dev.tatara.runtime.settings.RuntimeSettings;
import java.time.Duration;

/**
 * How requests are put together and how many may wait.
 *
 * @param maxRows most rows of several requests in one run, 1 or more; a request of more rows runs alone
 * @param maxDelay longest that a free worker waits for more rows
 * @param maxQueue most requests that wait for a worker, 1 or more
 * @param maxQueueBytes most bytes of tensors that they hold; one request is let in whatever it holds
 * @param maxWait a request that waited longer is answered 504
 */
public record BatchSettings(int maxRows, Duration maxDelay, int maxQueue, long maxQueueBytes, Duration maxWait) {

    public static BatchSettings of(RuntimeSettings settings) {
        RuntimeSettings.Batching batching = settings.batching();
        return new BatchSettings(
                batching.maxBatchSize(),
                batching.maxDelay(),
                batching.maxQueue(),
                batching.maxQueueBytes(),
                settings.limits().maxWait());
    }
}
