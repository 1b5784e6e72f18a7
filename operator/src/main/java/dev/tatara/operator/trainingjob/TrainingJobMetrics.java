package dev.tatara.operator.trainingjob;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.operator.metrics.CounterFamily;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * Figures of trainings as the informer knows them: {@code tatara_training_runs_total{namespace,name,outcome}} (runs whose
 * end this process saw), {@code tatara_training_run_active{namespace,name}} (1 or 0),
 * {@code tatara_training_last_run_duration_seconds{namespace,name}} and
 * {@code tatara_training_last_success_timestamp_seconds{namespace,name}}. They go with their training. It listens to the
 * events of the primary informer, so it costs neither a watch nor a second copy of the objects.
 */
final class TrainingJobMetrics extends AbstractEventSource<Void, TrainingJob>
        implements ResourceEventAware<TrainingJob> {
    private static final String RUNS = "tatara.training.runs";

    private final MeterRegistry registry;
    private final Map<ResourceID, Series> trainings = new ConcurrentHashMap<>();

    TrainingJobMetrics(MeterRegistry registry) {
        super(Void.class, "metrics");
        this.registry = registry;
    }

    @Override
    public void onResourceCreated(TrainingJob job) {
        series(job).update(job.getStatus());
    }

    @Override
    public void onResourceUpdated(TrainingJob job, TrainingJob before) {
        var series = series(job);
        series.count(before.getStatus(), job.getStatus());
        series.update(job.getStatus());
    }

    @Override
    public void onResourceDeleted(TrainingJob job) {
        var series = trainings.remove(ResourceID.fromResource(job));
        if (series != null) {
            series.end();
        }
    }

    @Override
    public Set<Void> getSecondaryResources(TrainingJob primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    private Series series(TrainingJob job) {
        return trainings.computeIfAbsent(ResourceID.fromResource(job), id -> new Series(job));
    }

    /** The figures of one training. Only the informer's thread changes them. */
    private final class Series {
        private final Tags tags;
        private final List<Meter> gauges = new ArrayList<>();
        private final CounterFamily ended;
        private volatile TrainingJobStatus status = TrainingJobStatus.EMPTY;

        Series(TrainingJob job) {
            tags = Tags.of(
                    "namespace", job.getMetadata().getNamespace(),
                    "name", job.getMetadata().getName());
            ended = new CounterFamily(registry, RUNS, "Runs that ended, by outcome", tags, "outcome")
                    .expect(RunPhase.ENDS);
            gauges.add(gauge(
                    "tatara.training.run.active",
                    "1 while a run is under way, else 0",
                    series -> series.status.activeRun() == null ? 0 : 1));
            gauges.add(gauge(
                    "tatara.training.last.run.duration.seconds",
                    "How long the last run that ended took",
                    Series::lastDuration));
            gauges.add(gauge(
                    "tatara.training.last.success.timestamp.seconds",
                    "When the last run that registered a version ended",
                    Series::lastSuccess));
        }

        void update(TrainingJobStatus latest) {
            status = latest == null ? TrainingJobStatus.EMPTY : latest;
        }

        void count(TrainingJobStatus before, TrainingJobStatus after) {
            if (after == null) {
                return;
            }
            after.runs().stream()
                    .filter(Run::hasEnded)
                    .filter(run -> before == null
                            || before.runs().stream()
                                    .noneMatch(known -> known.number().equals(run.number()) && known.hasEnded()))
                    .map(run -> String.valueOf(run.phase()))
                    .forEach(ended::increment);
        }

        void end() {
            gauges.forEach(registry::remove);
            ended.remove();
        }

        private Gauge gauge(String name, String description, ToDoubleFunction<Series> value) {
            return Gauge.builder(name, this, value)
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        private double lastDuration() {
            return ended(status)
                    .filter(run -> run.startedAt() != null)
                    .map(run ->
                            Duration.between(run.startedAt(), run.finishedAt()).toMillis() / 1000.0)
                    .orElse(Double.NaN);
        }

        private double lastSuccess() {
            return status.runs().stream()
                    .filter(run -> run.hasEnded() && run.modelVersion() != null)
                    .findFirst()
                    .map(run -> (double) run.finishedAt().getEpochSecond())
                    .orElse(Double.NaN);
        }

        private static Optional<Run> ended(TrainingJobStatus status) {
            return status.runs().stream().filter(Run::hasEnded).findFirst();
        }
    }
}
