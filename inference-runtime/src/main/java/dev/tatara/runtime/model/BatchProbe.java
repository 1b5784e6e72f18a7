package dev.tatara.runtime.model;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.ValueInfo;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds out whether a model answers rows that are run together as it answers them alone, and what both take. A model says
 * nothing about that itself: a dynamic first dimension may be a sequence, and a normalization may look at the whole batch.
 */
final class BatchProbe {
    private static final int ROWS = 3;
    private static final int TIMED_ROWS = 8;
    private static final int ROUNDS = 2;
    private static final int TIMED_RUNS = 5;
    private static final long MOST_NANOS = Duration.ofMillis(100).toNanos();

    /** Of a model this slow only so much is tried that a pod isn't late by seconds. */
    private static final Duration SLOW = Duration.ofMillis(100);

    private static final long SEED = 42;
    private static final String REFUSED = "it refuses the rows that it was tried with";

    private final OnnxModel model;
    private final Duration oneRow;
    private final SplittableRandom random = new SplittableRandom(SEED);

    private BatchProbe(OnnxModel model, Duration oneRow) {
        this.model = model;
        this.oneRow = oneRow;
    }

    /**
     * Runs the model a few times.
     *
     * @param oneRow what a run of one row takes
     */
    static Batchability look(OnnxModel model, Duration oneRow) {
        BatchProbe probe = new BatchProbe(model, oneRow);
        String obstacle = probe.obstacle();
        if (obstacle != null) {
            return Batchability.impossible(obstacle, oneRow);
        }
        return Batchability.possible(probe.cost());
    }

    private String obstacle() {
        if (model.inputs().isEmpty()) {
            return "it has no inputs";
        }
        for (ValueInfo input : model.inputs()) {
            if (input.shape().isEmpty() || input.shape().getFirst() >= 0) {
                return "input \"" + input.name() + "\" has the fixed shape " + input.shape()
                        + ", its first dimension counts no rows";
            }
        }
        // Whole numbers may be positions in a table that is smaller than we think: zeros are known to work.
        String withNumbers = compare(ProbeRows.Kind.ALL);
        return withNumbers == null || !withNumbers.equals(REFUSED) ? withNumbers : compare(ProbeRows.Kind.FLOATS_ONLY);
    }

    private String compare(ProbeRows.Kind kind) {
        if (!ProbeRows.differ(model.inputs(), kind)) {
            return REFUSED;
        }
        try (OnnxCall together = model.newCall();
                OnnxCall alone = model.newCall()) {
            int rounds = oneRow.compareTo(SLOW) > 0 ? 1 : ROUNDS;
            for (int round = 0; round < rounds; round++) {
                String difference = compare(kind, together, alone);
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        } catch (OnnxException e) {
            return REFUSED;
        }
    }

    private String compare(ProbeRows.Kind kind, OnnxCall together, OnnxCall alone) {
        try (Arena arena = Arena.ofConfined()) {
            List<ProbeRows> inputs = new ArrayList<>();
            for (int i = 0; i < model.inputs().size(); i++) {
                ProbeRows rows = new ProbeRows(model.inputs().get(i), ROWS, kind, random, arena);
                rows.feed(together, i, 0, ROWS);
                inputs.add(rows);
            }
            together.run();
            List<OnnxValue> all = new ArrayList<>();
            for (int output = 0; output < model.outputs().size(); output++) {
                all.add(together.output(output));
            }
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < inputs.size(); i++) {
                    inputs.get(i).feed(alone, i, row, 1);
                }
                alone.run();
                for (int output = 0; output < all.size(); output++) {
                    String difference = RowComparison.difference(all.get(output), row, ROWS, alone.output(output));
                    if (difference != null) {
                        return "output \"" + model.outputs().get(output).name() + "\" " + difference;
                    }
                }
            }
            return null;
        }
    }

    private RunCost cost() {
        if (oneRow.compareTo(SLOW) > 0) {
            return RunCost.ofOneRow(oneRow);
        }
        try (Arena arena = Arena.ofConfined();
                OnnxCall call = model.newCall()) {
            List<ProbeRows> inputs = new ArrayList<>();
            for (ValueInfo input : model.inputs()) {
                inputs.add(new ProbeRows(input, TIMED_ROWS, ProbeRows.Kind.FLOATS_ONLY, random, arena));
            }
            Duration one = time(call, inputs, 1);
            return RunCost.of(one, TIMED_ROWS, time(call, inputs, TIMED_ROWS));
        } catch (OnnxException e) {
            return RunCost.ofOneRow(oneRow);
        }
    }

    /** The quickest of a few runs, which others on the machine disturbed least; fewer of a slow model. */
    private static Duration time(OnnxCall call, List<ProbeRows> inputs, int rows) {
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).feed(call, i, 0, rows);
        }
        long begun = System.nanoTime();
        long quickest = Long.MAX_VALUE;
        for (int runs = 0; runs < TIMED_RUNS && (runs == 0 || System.nanoTime() - begun < MOST_NANOS); runs++) {
            long started = System.nanoTime();
            call.run();
            quickest = Math.min(quickest, System.nanoTime() - started);
        }
        return Duration.ofNanos(quickest);
    }
}
