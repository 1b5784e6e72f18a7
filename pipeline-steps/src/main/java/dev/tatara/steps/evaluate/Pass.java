package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepFailure;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs models over all rows once: what they answer is judged, sketched and compared, and some rows are kept for what
 * needs several runs.
 */
final class Pass {
    private static final int BATCH_ROWS = 1024;
    private static final int SAMPLE_ROWS = 2000;

    private final TestRows rows;
    private final TestColumn label;
    private final Contender candidate;
    private final List<Contender> others;
    private final Map<String, SliceCodes> slices = new LinkedHashMap<>();
    private final Map<Contender, Double> agreements = new LinkedHashMap<>();
    private final List<TestColumn> columns;
    private Batch sample;
    private int seen;

    /**
     * @param others models to compare with
     * @param slicedBy columns by whose values metrics are computed
     */
    Pass(TestRows rows, TestColumn label, Contender candidate, List<Contender> others, List<TestColumn> slicedBy) {
        this.rows = rows;
        this.label = label;
        this.candidate = candidate;
        this.others = List.copyOf(others);
        Set<TestColumn> needed =
                new LinkedHashSet<>(candidate.runner().columns().all());
        others.forEach(other -> needed.addAll(other.runner().columns().all()));
        needed.add(label);
        needed.addAll(slicedBy);
        columns = List.copyOf(needed);
        slicedBy.forEach(column -> slices.put(column.name(), new SliceCodes(column.name())));
    }

    void run(Profile profile) throws StepFailure {
        var step = Math.max(1, (int) Math.ceilDiv(rows.rows(), SAMPLE_ROWS));
        sample = new Batch(columns, SAMPLE_ROWS);
        rows.forEach(columns, BATCH_ROWS, batch -> {
            for (int row = 0; row < batch.rows(); row++) {
                if ((seen + row) % step == 0) {
                    sample.append(batch, row);
                }
            }
            seen += batch.rows();
            var answers = candidate.answers(batch, batch.position(label.name()));
            profile.add(batch, answers);
            for (var other : others) {
                var theirs = other.answers(batch, batch.position(label.name()));
                var same = candidate.judged().agreement(answers, theirs, other.judged());
                agreements.merge(other, same * batch.rows(), Double::sum);
            }
            for (var slice : slices.values()) {
                slice.add(batch);
            }
        });
    }

    /** Some of the rows, evenly, with all columns that were needed. */
    Batch sample() {
        return sample;
    }

    int labelPosition() {
        return sample.position(label.name());
    }

    Map<String, SliceCodes> slices() {
        return slices;
    }

    /** The share of rows to which another model answered the same as the candidate. */
    double agreement(Contender other) {
        return agreements.getOrDefault(other, 0.0) / Math.max(1, seen);
    }
}
