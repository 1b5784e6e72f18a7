package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.operator.kubernetes.News.Notice;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** The runs that are remembered, and what is left of those that aren't. */
final class History {
    private static final int LIMIT = 10;
    /** As many as a status holds. */
    private static final int MAX_RUNS = 50;

    private final Observed observed;
    private final TrackingPlanner tracking;

    /**
     * What is remembered.
     *
     * @param runs the newest first
     * @param create Jobs that record runs
     * @param obsolete objects of runs that are over or forgotten
     * @param news what happened
     * @param wakeAt when to decide again
     */
    record Remembered(
            List<Run> runs,
            List<HasMetadata> create,
            List<HasMetadata> obsolete,
            List<Notice<TrainingJobEvent>> news,
            Instant wakeAt) {}

    History(Observed observed, PlanSettings settings, Instant now) {
        this.observed = observed;
        this.tracking = new TrackingPlanner(observed, settings, now);
    }

    /** What is remembered once this run is as it is now; {@code null} where there is no news of any. */
    Remembered after(Run latest) {
        var all = new ArrayList<Run>();
        if (latest != null) {
            all.add(latest);
        }
        observed.status().runs().stream()
                .filter(run -> latest == null || !run.number().equals(latest.number()))
                .forEach(all::add);
        all.sort(Comparator.comparing(Run::number).reversed());
        // Recorded only once its end is noted, and the oldest first.
        all.reversed().stream()
                .filter(run -> run.hasEnded() && isNoted(run))
                .filter(this::isToBeTracked)
                .findFirst()
                .ifPresent(run -> all.replaceAll(each -> each.number().equals(run.number())
                        ? tracking.track(run, definitionOf(run).orElseThrow())
                        : each));
        var kept = kept(all);
        return new Remembered(kept, tracking.create(), obsolete(kept), tracking.news(), tracking.wakeAt());
    }

    private boolean isNoted(Run run) {
        return observed.status().runs().stream()
                .anyMatch(noted -> noted.number().equals(run.number()) && noted.hasEnded());
    }

    private boolean isToBeTracked(Run run) {
        return (run.tracking() == null || !run.tracking().hasEnded())
                && definitionOf(run).flatMap(StepJobs::mlflowOf).isPresent();
    }

    private Optional<TrainingRun> definitionOf(Run run) {
        return observed.map(TrainingRun.definitionOf(observed.job(), run.number()))
                .filter(FrozenDefinition::isOne)
                .flatMap(map -> FrozenDefinition.read(observed.job(), map));
    }

    private List<Run> kept(List<Run> all) {
        var own = observed.job().getSpec().runHistoryLimit();
        var left = own == null ? LIMIT : own;
        var kept = new ArrayList<Run>();
        for (var run : all) {
            if (!run.hasEnded()) {
                kept.add(run);
            } else if (left > 0 || isToBeTracked(run)) {
                kept.add(run);
                left--;
            }
        }
        return kept.size() <= MAX_RUNS ? kept : kept.subList(0, MAX_RUNS);
    }

    /** Objects of runs that are forgotten, and what must not outlive the end of a run. */
    private List<HasMetadata> obsolete(List<Run> kept) {
        var known = new HashSet<Long>();
        var ended = new HashSet<Long>();
        for (var run : kept) {
            known.add(run.number());
            if (isNoted(run)) {
                ended.add(run.number());
            }
        }
        var latest =
                observed.status().latestRun() == null ? 0 : observed.status().latestRun();
        return observed.objects()
                .filter(object -> {
                    var number = RunLabels.runOf(object);
                    return number > 0
                            && ((number <= latest && !known.contains(number))
                                    || (ended.contains(number) && isLeftOver(object)));
                })
                .toList();
    }

    private boolean isLeftOver(HasMetadata object) {
        return object instanceof Service
                || (object instanceof Job job && !RunLabels.isOf(job, StepWords.TRACK) && !observed.hasEnded(job));
    }
}
