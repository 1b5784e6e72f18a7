package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.operator.steps.AttemptLabels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The Jobs of a policy's evaluations that are there, and their ConfigMaps. */
final class EvaluationJobs {
    /** Evaluations whose last Job stays, for its log. */
    private static final int KEPT = 3;

    private final DriftPolicy policy;
    private final List<Job> all;
    private final List<ConfigMap> maps;

    EvaluationJobs(Observed observed) {
        this.policy = observed.policy();
        this.all = observed.jobs().stream()
                .filter(job -> EvaluationJob.numberOf(job) > 0)
                .toList();
        this.maps = observed.maps().stream()
                .filter(map -> map.getData() != null && map.getData().containsKey(PolicyDefinition.FILE))
                .toList();
    }

    /** The Job of the latest attempt at the latest evaluation, of those that say what they do. */
    Optional<Job> latest() {
        return all.stream().filter(job -> EvaluationJob.runOf(job).isPresent()).max(EvaluationJob.NUMBERS.order());
    }

    /** The Job of an attempt. */
    Optional<Job> find(int number, int attempt) {
        return EvaluationJob.NUMBERS.find(all, number, attempt);
    }

    /**
     * What nobody needs any more: attempts that others followed, evaluations of long ago, and what they judged by.
     *
     * @param start the Job that is made next, {@code null} if none is
     */
    List<HasMetadata> obsolete(EvaluationProgress progress, Job start) {
        if (progress == null) {
            return List.of();
        }
        var obsolete = new ArrayList<HasMetadata>();
        Set<String> inUse = new HashSet<>();
        inUse.add(PolicyDefinition.nameOf(policy, progress.definition()));
        for (var job : all) {
            if (isFollowed(job, progress) || EvaluationJob.numberOf(job) <= progress.number() - KEPT) {
                obsolete.add(job);
            } else {
                inUse.add(EvaluationJob.definitionOf(policy, job));
            }
        }
        if (start != null) {
            inUse.add(EvaluationJob.definitionOf(policy, start));
        }
        maps.stream()
                .filter(map -> !inUse.contains(map.getMetadata().getName()))
                .forEach(obsolete::add);
        return obsolete;
    }

    private boolean isFollowed(Job job, EvaluationProgress progress) {
        return EvaluationJob.NUMBERS.compare(job, progress.number(), progress.attempt()) < 0
                && (EvaluationJob.numberOf(job) == progress.number()
                        || all.stream()
                                .anyMatch(other -> EvaluationJob.numberOf(other) == EvaluationJob.numberOf(job)
                                        && AttemptLabels.attemptOf(other) > AttemptLabels.attemptOf(job)));
    }
}
