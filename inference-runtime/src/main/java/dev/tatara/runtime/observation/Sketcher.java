package dev.tatara.runtime.observation;

import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Traffic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Folds sampled rows into the open pane's sketches on a thread of its own, and closes panes on time. Where rows come
 * faster than the budget allows, they are sampled more thinly; where this thread falls behind all the same, rows are
 * counted but not sampled. So the cost is bounded whatever the traffic.
 */
final class Sketcher {
    private static final Logger LOG = Logger.getLogger(Sketcher.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int MOST_BLOCK_ROWS = 256;
    private static final int FEWEST_BLOCK_ROWS = 8;
    private static final int GUESSED_OUTPUTS = 4;
    /** Enough for what a busy event loop sees while this thread waits for a CPU. Memory is taken only when needed. */
    private static final int BLOCKS_PER_SAMPLER = 16;

    private static final int MOST_BLOCKS = 256;

    private final Identity identity;
    private final Clock clock;
    private final Duration paneLength;
    private final double sampleStride;
    private final long maxValuesPerSecond;
    private final TensorPlan[] inputs;
    private final TensorPlan[] outputs;
    private final int blockRows;
    private final int valuesPerRow;
    private final Supplier<Traffic> traffic;
    private final Consumer<Pane> closedPanes;
    private final PredictionWindows windows;
    private final List<TensorSketches> tensors = new ArrayList<>();
    private final int[] stages;
    private final List<RowSampler> samplers = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(MOST_BLOCKS);
    /** The one that was used last comes first: its memory is there, and warm. */
    private final Deque<Block> spare = new ConcurrentLinkedDeque<>();

    private final LongAdder totalSeen = new LongAdder();
    private final LongAdder totalSampled = new LongAdder();
    private volatile double stride;
    private volatile Pane last;
    private volatile boolean stopping;
    private Instant start;
    private long sequence;
    private long rowsSeen;
    private long rowsSampled;
    private Traffic trafficBefore;
    private Thread thread;
    private long tickedNanos = System.nanoTime();
    private long tickedSeen;

    /**
     * @param traffic what was asked of the model since the process began
     * @param windowSeconds length of the spans of time in which predictions are sketched for a router; 0 for none
     * @param closedPanes takes each pane when it is closed, on the sketcher's thread
     */
    Sketcher(
            ServedModel model,
            TensorPlans plans,
            RuntimeSettings.Monitoring settings,
            Identity identity,
            Secrecy secrecy,
            Clock clock,
            Supplier<Traffic> traffic,
            IntSupplier windowSeconds,
            Consumer<Pane> closedPanes) {
        this.identity = identity;
        this.clock = clock;
        this.traffic = traffic;
        trafficBefore = traffic.get();
        this.closedPanes = closedPanes;
        paneLength = settings.pane();
        maxValuesPerSecond = settings.maxValuesPerSecond();
        sampleStride = settings.samplePercent() <= 0 ? Double.MAX_VALUE : 100 / settings.samplePercent();
        stride = sampleStride;
        inputs = plans.inputs();
        outputs = plans.outputs();
        List<Integer> used = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            add(inputs[i], i, false, secrecy, used);
        }
        for (int i = 0; i < outputs.length; i++) {
            add(outputs[i], inputs.length + i, i == model.roles().value(), secrecy, used);
        }
        windows = windows(model, secrecy, windowSeconds);
        stages = used.stream().mapToInt(Integer::intValue).toArray();
        int values = 0;
        int bytes = 0;
        for (TensorSketches tensor : tensors) {
            values += tensor.valuesPerRow(GUESSED_OUTPUTS);
            bytes += tensor.bytesPerRow(GUESSED_OUTPUTS);
        }
        valuesPerRow = Math.max(1, values);
        blockRows = Math.clamp(BLOCK_BYTES / Math.max(1, bytes), FEWEST_BLOCK_ROWS, MOST_BLOCK_ROWS);
        start = clock.instant();
    }

    private PredictionWindows windows(ServedModel model, Secrecy secrecy, IntSupplier windowSeconds) {
        List<TensorSketches> predictions = new ArrayList<>();
        List<Integer> at = new ArrayList<>();
        for (int i = 0; i < outputs.length; i++) {
            if (outputs[i] != null) {
                predictions.add(new TensorSketches(
                        outputs[i], secrecy, i == model.roles().value()));
                at.add(inputs.length + i);
            }
        }
        return new PredictionWindows(
                predictions, at.stream().mapToInt(Integer::intValue).toArray(), windowSeconds);
    }

    private void add(TensorPlan plan, int stage, boolean value, Secrecy secrecy, List<Integer> used) {
        if (plan != null) {
            tensors.add(new TensorSketches(plan, secrecy, value));
            used.add(stage);
        }
    }

    TensorPlan[] inputs() {
        return inputs.clone();
    }

    TensorPlan[] outputs() {
        return outputs.clone();
    }

    /** Rows of a full block. */
    int blockRows() {
        return blockRows;
    }

    /** One row in so many is sampled, on average. */
    double stride() {
        return stride;
    }

    /** A block to fill, or null if all are on their way. */
    Block spare() {
        return spare.pollFirst();
    }

    void submit(Block block) {
        if (!full.offer(block)) {
            throw new IllegalStateException("there are no more than " + MOST_BLOCKS + " blocks");
        }
    }

    /** Makes what one event loop counts and samples with. */
    synchronized RowSampler newSampler() {
        RowSampler sampler = new RowSampler(this);
        samplers.add(sampler);
        for (int i = 0; i < BLOCKS_PER_SAMPLER && samplers.size() * BLOCKS_PER_SAMPLER <= MOST_BLOCKS; i++) {
            spare.addLast(new Block(inputs.length + outputs.length));
        }
        return sampler;
    }

    void start() {
        thread = Thread.ofPlatform().name("sketcher").daemon().start(this::work);
    }

    private void work() {
        try {
            while (!stopping) {
                long untilEnd = Duration.between(clock.instant(), end(start)).toNanos();
                Block block = full.poll(Math.clamp(untilEnd, 1, TICK.toNanos()), TimeUnit.NANOSECONDS);
                try {
                    if (block != null) {
                        fold(block);
                    }
                    tick();
                } catch (RuntimeException e) {
                    LOG.error("sketches could not be updated", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        long now = System.nanoTime();
        if (now - tickedNanos >= TICK.toNanos()) {
            collect();
            long seen = totalSeen.sum();
            adapt(now - tickedNanos, seen - tickedSeen);
            tickedNanos = now;
            tickedSeen = seen;
        }
        if (!clock.instant().isBefore(end(start))) {
            closePane(false);
        }
    }

    private void adapt(long nanos, long rows) {
        double valuesPerSecond = (double) rows * valuesPerRow * TimeUnit.SECONDS.toNanos(1) / nanos;
        stride = sampleStride == Double.MAX_VALUE
                ? sampleStride
                : Math.max(sampleStride, valuesPerSecond / maxValuesPerSecond);
    }

    private synchronized void fold(Block block) {
        for (int i = 0; i < stages.length; i++) {
            tensors.get(i).update(block.stage(stages[i]));
        }
        windows.update(block, clock.millis());
        rowsSampled += block.rows();
        totalSampled.add(block.rows());
        block.clear();
        spare.addFirst(block);
    }

    /** Takes what the samplers have, full or not; the rows seen since the last time. */
    private synchronized long collect() {
        long rows = 0;
        for (RowSampler sampler : samplers) {
            RowSampler.Handed handed = sampler.hand();
            rows += handed.seen();
            if (handed.block() != null) {
                fold(handed.block());
            }
        }
        for (Block block = full.poll(); block != null; block = full.poll()) {
            fold(block);
        }
        rowsSeen += rows;
        totalSeen.add(rows);
        return rows;
    }

    /** Panes begin and end at multiples of their length, in all pods at the same instants. */
    private Instant end(Instant from) {
        long length = paneLength.toMillis();
        return Instant.ofEpochMilli((Math.floorDiv(from.toEpochMilli(), length) + 1) * length);
    }

    /** The instant that a pane's name has: the multiple of the length that it began after. */
    Instant nominalStart(Pane pane) {
        long length = paneLength.toMillis();
        return Instant.ofEpochMilli(Math.floorDiv(pane.start().toEpochMilli(), length) * length);
    }

    /**
     * @param lasts whether the process is about to end in order
     */
    private synchronized void closePane(boolean lasts) {
        collect();
        Instant now = clock.instant();
        Instant end = end(start).isBefore(now) ? end(start) : now;
        Traffic all = traffic.get();
        Pane pane = snapshot(end, all.since(trafficBefore), lasts);
        trafficBefore = all;
        tensors.forEach(TensorSketches::reset);
        sequence++;
        rowsSeen = 0;
        rowsSampled = 0;
        // A clock that jumped back must not make a pane of negative length.
        start = now.isBefore(end) ? end : nominal(now, end);
        last = pane;
        closedPanes.accept(pane);
    }

    /** Where the machine slept over whole panes, they are left out. */
    private Instant nominal(Instant now, Instant end) {
        return now.isBefore(end(end)) ? end : now;
    }

    private Pane snapshot(Instant end, Traffic since, boolean lasts) {
        return new Pane(
                new Origin(
                        identity.namespace(),
                        identity.service(),
                        identity.revision(),
                        identity.model(),
                        identity.version(),
                        identity.pod(),
                        identity.bootId(),
                        sequence,
                        lasts),
                start,
                end.isBefore(start) ? start : end,
                1,
                rowsSeen,
                rowsSampled,
                since,
                TensorSketches.columns(tensors));
    }

    /** Does something with the open pane, while it stands still. */
    synchronized void withOpenPane(Consumer<Pane> reader) {
        collect();
        reader.accept(snapshot(clock.instant(), traffic.get().since(trafficBefore), false));
    }

    /** What was predicted in spans of time that begin at an instant or later, in milliseconds since 1970. */
    synchronized SortedMap<Instant, List<Column>> predictions(long since) {
        collect();
        return windows.since(since, clock.millis());
    }

    /** The pane that was closed last, or null. */
    Pane last() {
        return last;
    }

    LongAdder totalSeen() {
        return totalSeen;
    }

    LongAdder totalSampled() {
        return totalSampled;
    }

    /** Ends the thread and closes the open pane. */
    void stop() throws InterruptedException {
        stopping = true;
        if (thread != null) {
            thread.interrupt();
            thread.join();
        }
        closePane(true);
    }

    /** Whether anything was asked since the last pane was closed. */
    synchronized boolean hasRest() {
        return collect() + rowsSeen > 0 || traffic.get().requests() > trafficBefore.requests();
    }

    /** Closes another pane if something was asked after the thread had ended. */
    synchronized void closeRest() {
        if (hasRest()) {
            closePane(true);
        }
    }
}
