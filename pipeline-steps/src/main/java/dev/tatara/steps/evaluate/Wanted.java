package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec.FollowedStage;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.api.v1alpha1.trainingjob.Evaluation;
import dev.tatara.api.v1alpha1.trainingjob.Evaluation.Gate;
import dev.tatara.statistics.metrics.Averaging;
import dev.tatara.steps.StepFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a TrainingJob asks of the evaluation.
 *
 * @param metrics metrics that were asked for; empty for all of the task
 * @param gated metrics that gates are about
 * @param averaging null for what fits the number of classes
 * @param positiveClass null for what the data suggests
 * @param gates what must hold
 */
record Wanted(Set<Metric> metrics, Set<Metric> gated, Averaging averaging, String positiveClass, List<Gate> gates) {
    static final String STABILITY = "stability";
    static final String LATENCY_P99 = "latencyP99Millis";
    static final String LATENCY_P50 = "latencyP50Millis";
    static final String LATENCY_MEAN = "latencyMeanMillis";

    /** Noise where a gate on stability says nothing of it. */
    static final double NOISE = 0.01;

    Wanted {
        metrics = Collections.unmodifiableSet(new LinkedHashSet<>(metrics));
        gated = Collections.unmodifiableSet(new LinkedHashSet<>(gated));
        gates = List.copyOf(gates);
    }

    /**
     * Reads what was written.
     *
     * @param evaluation null where nothing was
     * @throws StepFailure with reason InvalidDefinition
     */
    static Wanted of(Evaluation evaluation) throws StepFailure {
        if (evaluation == null) {
            return new Wanted(Set.of(), Set.of(), null, null, List.of());
        }
        var metrics = new LinkedHashSet<Metric>();
        for (var name : evaluation.metrics()) {
            if (!isMeasured(name)) {
                metrics.add(metric(name));
            }
        }
        var gated = new LinkedHashSet<Metric>();
        for (var gate : evaluation.gates()) {
            check(gate);
            if (gate.metric() != null && !isMeasured(gate.metric())) {
                gated.add(metric(gate.metric()));
            }
        }
        var averaging = evaluation.averaging() == null
                ? null
                : Averaging.valueOf(evaluation.averaging().name());
        return new Wanted(metrics, gated, averaging, evaluation.positiveClass(), evaluation.gates());
    }

    private static Metric metric(String name) throws StepFailure {
        return Metric.of(name)
                .orElseThrow(() -> invalid("unknown metric %s: expected one of %s, %s, %s, %s, %s"
                        .formatted(name, Metric.words(), STABILITY, LATENCY_P99, LATENCY_P50, LATENCY_MEAN)));
    }

    /** Whether it is about the model and not about what its predictions are worth. */
    static boolean isMeasured(String name) {
        return name.equals(STABILITY)
                || name.equals(LATENCY_P99)
                || name.equals(LATENCY_P50)
                || name.equals(LATENCY_MEAN);
    }

    private static void check(Gate gate) throws StepFailure {
        var about =
                (gate.metric() == null ? 0 : 1) + (gate.leakage() == null ? 0 : 1) + (gate.classRate() == null ? 0 : 1);
        if (about != 1) {
            throw invalid("a gate is about exactly one of metric, leakage and classRate, found " + about);
        }
        if (gate.metric() == null) {
            return;
        }
        if (gate.min() == null && gate.max() == null && gate.notWorseThan() == null) {
            throw invalid("the gate on %s has no bound: set min, max or notWorseThan (Production or Staging)"
                    .formatted(gate.metric()));
        }
        if (isMeasured(gate.metric()) && (gate.notWorseThan() != null || gate.slice() != null)) {
            throw invalid("the gate on %s can't have slice or notWorseThan, which are about predictions: set min or max"
                    .formatted(gate.metric()));
        }
    }

    private static StepFailure invalid(String message) {
        return StepFailure.rejected(Reasons.INVALID_DEFINITION, "spec.evaluation: " + message);
    }

    /** The task that the metrics are about, null where none was asked for. */
    Task task() throws StepFailure {
        var all = new LinkedHashSet<>(metrics);
        all.addAll(gated);
        var tasks = all.stream().map(Metric::task).collect(Collectors.toSet());
        if (tasks.size() > 1) {
            throw invalid("metrics of classification and of regression together (%s): keep those of one"
                    .formatted(words(all)));
        }
        if (tasks.isEmpty()) {
            return averaging == null && positiveClass == null ? null : Task.Classification;
        }
        return tasks.iterator().next();
    }

    /** The metrics to compute for a task. */
    Collection<Metric> metricsFor(Task task) {
        var all = new LinkedHashSet<>(metrics);
        if (metrics.isEmpty()) {
            Arrays.stream(Metric.values())
                    .filter(metric -> metric.task() == task)
                    .forEach(all::add);
        }
        all.addAll(gated);
        return List.copyOf(all);
    }

    /** Columns by whose values rows are divided. */
    List<String> slices() {
        return gates.stream()
                .map(Gate::slice)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** Stages that something is compared with. */
    Set<FollowedStage> stages() {
        return gates.stream().map(Gate::notWorseThan).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** Standard deviations of the noise that answers should stand, in the features' own; the default first. */
    Collection<Double> noises() {
        var noises = new ArrayList<Double>();
        noises.add(NOISE);
        var asked = new TreeSet<Double>();
        gates.stream()
                .filter(gate -> STABILITY.equals(gate.metric()))
                .map(Wanted::noise)
                .filter(noise -> noise != NOISE)
                .forEach(asked::add);
        noises.addAll(asked);
        return noises;
    }

    static double noise(Gate gate) {
        return gate.noise() == null ? NOISE : gate.noise();
    }

    private static String words(Collection<Metric> metrics) {
        return metrics.stream().map(Metric::word).collect(Collectors.joining(", "));
    }
}
