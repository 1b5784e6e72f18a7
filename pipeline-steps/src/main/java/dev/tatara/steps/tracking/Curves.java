package dev.tatara.steps.tracking;

import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.Published;
import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.Metric;
import dev.tatara.steps.training.TrainingProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Metrics of a run as MLflow has them. All times follow from the run's beginning, so that the same points come out when
 * they are recorded again, and MLflow keeps them once.
 */
final class Curves {
    /** What the evaluation measured on the held-back data. */
    static final String TEST_PREFIX = "test/";

    private final Instant start;
    private final Set<String> notOurs;
    private final List<Metric> metrics = new ArrayList<>();
    private final Map<String, Metric> last = new HashMap<>();

    /**
     * Metrics of a run.
     *
     * @param start when the run began
     * @param notOurs names that somebody else has recorded already
     */
    Curves(Instant start, Set<String> notOurs) {
        this.start = start;
        this.notOurs = notOurs;
    }

    /** The training's curve, and what the trainer measured in the end: another point at the curve's last step. */
    Curves trainer(Optional<TrainingProgress> progress, Optional<Published> published) {
        progress.ifPresent(training -> training.series().forEach(this::add));
        published.ifPresent(trained -> trained.metrics().forEach((name, value) -> {
            var before = last.get(Limits.name(name));
            if (before == null) {
                add(name, value, start, 0);
            } else if (Double.compare(before.value(), value) != 0) {
                add(name, value, before.time().plusMillis(1), before.step());
            }
        }));
        return this;
    }

    Curves evaluation(Evaluated evaluated) {
        evaluated.metrics().forEach((name, value) -> add(TEST_PREFIX + name, value, start, 0));
        return this;
    }

    Curves value(String name, Double value) {
        if (value != null && !last.containsKey(Limits.name(name))) {
            add(name, value, start, 0);
        }
        return this;
    }

    List<Metric> metrics() {
        return List.copyOf(metrics);
    }

    private void add(TrainingProgress.Series series) {
        var number = 0;
        for (var point : series.points()) {
            add(series.name(), point.value(), start.plusMillis(number++), (long) point.step());
        }
    }

    private void add(String name, double value, Instant time, long step) {
        var known = Limits.name(name);
        if (Double.isFinite(value) && !notOurs.contains(known)) {
            var metric = new Metric(known, value, time, step);
            metrics.add(metric);
            last.put(known, metric);
        }
    }
}
