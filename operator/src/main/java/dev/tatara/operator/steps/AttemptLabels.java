package dev.tatara.operator.steps;

import dev.tatara.api.v1alpha1.common.AttemptProgress;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Labels that say what a Job is an attempt at, of things that are done one after the other: the thing's number, and the
 * attempt's. Both begin with 1.
 *
 * @param key the label with the thing's number
 */
public record AttemptLabels(String key) {
    /** The label with the attempt's number. */
    public static final String ATTEMPT = Labels.GROUP + "/attempt";

    /** Which attempt a Job is; 0 if it doesn't say. */
    public static int attemptOf(Job job) {
        return Labels.number(job, ATTEMPT);
    }

    /** The number of what a Job is an attempt at; 0 if it doesn't say. */
    public int numberOf(Job job) {
        return Labels.number(job, key);
    }

    /** Adds them to the labels of a Job. */
    public void put(Map<String, String> labels, int number, int attempt) {
        labels.put(key, Integer.toString(number));
        labels.put(ATTEMPT, Integer.toString(attempt));
    }

    /** Which comes first: a Job, or an attempt. */
    public int compare(Job job, int number, int attempt) {
        var byNumber = Integer.compare(numberOf(job), number);
        return byNumber != 0 ? byNumber : Integer.compare(attemptOf(job), attempt);
    }

    /**
     * Whether a Job is an attempt of later than what the status knows of: one that was made right before an operator
     * ended.
     *
     * @param last what the status knows of; {@code null} if it knows of none
     */
    public boolean isAfter(Job job, AttemptProgress last) {
        return last == null || last.number() == null || compare(job, last.number(), last.attemptSoFar()) > 0;
    }

    /** The earlier attempt first. */
    public Comparator<Job> order() {
        return Comparator.comparingInt(this::numberOf).thenComparingInt(AttemptLabels::attemptOf);
    }

    /** The Job of an attempt. */
    public Optional<Job> find(Collection<Job> jobs, int number, int attempt) {
        return jobs.stream().filter(job -> compare(job, number, attempt) == 0).findFirst();
    }
}
