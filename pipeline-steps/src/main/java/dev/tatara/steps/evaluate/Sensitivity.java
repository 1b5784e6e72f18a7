package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.evaluate.Measured.Importance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** What becomes of the answers when features change, on a sample of the rows. */
final class Sensitivity {
    private static final int REPEATS = 3;
    private static final int MOST_FEATURES = 256;
    private static final long SEED = 0x7A7A7261L;

    private final ModelRunner model;
    private final Batch sample;
    private final Judged judged;

    /**
     * @param judged decides which answers are the same
     */
    Sensitivity(ModelRunner model, Batch sample, Judged judged) {
        this.model = model;
        this.sample = sample;
        this.judged = judged;
    }

    /**
     * The share of answers that stay the same under normally distributed noise on all numbers that aren't true or false.
     *
     * @param deviations standard deviation of each column of the sample
     * @param noises standard deviations of the noise, in units of these
     */
    Map<Double, Figure> stability(double[] deviations, Iterable<Double> noises) throws StepFailure {
        var shares = new LinkedHashMap<Double, Figure>();
        var before = model.run(sample);
        for (var noise : noises) {
            var scaled = Arrays.stream(deviations)
                    .map(deviation -> deviation * noise)
                    .toArray();
            var after = model.run(sample.disturbed(scaled, new Random(SEED)));
            shares.put(noise, Figure.of(judged.agreement(before, after, judged), "there are no rows"));
        }
        return shares;
    }

    /**
     * Permutation importance (Breiman 2001; Fisher, Rudin, Dominici 2019): how much worse a metric gets on average when
     * one feature's values are dealt out anew. Nothing for a model of more than {@value #MOST_FEATURES} features.
     */
    List<Importance> importance(Metric metric, int labelColumn, Supplier<Judged> fresh) throws StepFailure {
        var features = model.columns().all();
        var found = new ArrayList<Importance>();
        if (features.size() > MOST_FEATURES) {
            return found;
        }
        var whole = score(metric, sample, labelColumn, fresh);
        for (var feature : features) {
            double lost = 0;
            for (int i = 0; i < REPEATS; i++) {
                var moved = sample.permuted(sample.position(feature.name()), new Random(SEED + i));
                var score = score(metric, moved, labelColumn, fresh);
                lost += metric.moreIsBetter() ? whole - score : score - whole;
            }
            if (Double.isFinite(lost)) {
                found.add(new Importance(feature.name(), lost / REPEATS));
            }
        }
        found.sort(Comparator.comparingDouble(Importance::loss).reversed().thenComparing(Importance::feature));
        return found;
    }

    private double score(Metric metric, Batch batch, int labelColumn, Supplier<Judged> fresh) throws StepFailure {
        var judgement = fresh.get();
        judgement.add(batch, labelColumn, model.run(batch));
        var figure = judgement.figure(metric, Judged.ALL);
        return figure.isNumber() ? figure.value() : Double.NaN;
    }
}
