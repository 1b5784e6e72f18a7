package dev.tatara.runtime.serving;

import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was answered since the process began, in the terms of the protocol's statistics extension.
 *
 * @param inferences rows that were inferred; a client's batch of eight counts eight
 * @param executions runs of the model; requests that ran together count once
 * @param lastInferenceMillis since 1970, 0 if there was none
 * @param success requests that were answered, with the whole of their time
 * @param failure requests that weren't
 * @param queue waiting for a turn
 * @param input reading requests
 * @param inference ONNX Runtime
 * @param output writing answers
 * @param cacheHits requests that were answered without a run, with the whole of their time
 * @param cacheMisses requests that were looked for among earlier answers in vain
 * @param batches by rows per run, {@link #LARGEST_BATCH} and more in one
 */
public record Statistics(
        long inferences,
        long executions,
        long lastInferenceMillis,
        Total success,
        Total failure,
        Total queue,
        Total input,
        Total inference,
        Total output,
        Total cacheHits,
        Total cacheMisses,
        SortedMap<Integer, Total> batches) {

    /** Larger batches are counted as this. */
    public static final int LARGEST_BATCH = 256;

    /** So many times, so long in all. */
    public record Total(long count, long nanos) {}

    /** Of all lanes together. */
    public static Statistics sum(Collection<LaneStatistics> lanes) {
        long successes = sum(lanes, LaneStatistics.SUCCESSES);
        long hits = sum(lanes, LaneStatistics.HITS);
        SortedMap<Integer, Total> batches = new TreeMap<>();
        long executions = 0;
        for (int size = 1; size <= LARGEST_BATCH; size++) {
            long runs = 0;
            long nanos = 0;
            for (LaneStatistics lane : lanes) {
                runs += lane.runs(size);
                nanos += lane.batchNanos(size);
            }
            if (runs > 0) {
                batches.put(size, new Total(runs, nanos));
                executions += runs;
            }
        }
        return new Statistics(
                sum(lanes, LaneStatistics.ROWS),
                executions,
                lanes.stream()
                        .mapToLong(lane -> lane.figure(LaneStatistics.LAST_MILLIS))
                        .max()
                        .orElse(0),
                new Total(successes, sum(lanes, LaneStatistics.SUCCESS_NANOS)),
                new Total(sum(lanes, LaneStatistics.FAILURES), sum(lanes, LaneStatistics.FAILURE_NANOS)),
                new Total(successes, sum(lanes, LaneStatistics.QUEUE_NANOS)),
                new Total(successes, sum(lanes, LaneStatistics.INPUT_NANOS)),
                new Total(successes - hits, sum(lanes, LaneStatistics.INFERENCE_NANOS)),
                new Total(successes, sum(lanes, LaneStatistics.OUTPUT_NANOS)),
                new Total(hits, sum(lanes, LaneStatistics.HIT_NANOS)),
                new Total(sum(lanes, LaneStatistics.MISSES), 0),
                batches);
    }

    private static long sum(Collection<LaneStatistics> lanes, int figure) {
        return lanes.stream().mapToLong(lane -> lane.figure(figure)).sum();
    }
}
