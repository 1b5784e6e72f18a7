package dev.tatara.operator.steps;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Reads from a Job and its pods how far a step is.
 *
 * @param <D> record of the step's findings
 */
public final class StepReader<D> {
    /** The Job's end may be seen before its pod's; after this long the pod's will not come. */
    public static final Duration RESULT_GRACE = Duration.ofSeconds(10);
    /** A Job that has no pod after this long says why in its events only. */
    public static final Duration POD_GRACE = Duration.ofSeconds(30);

    /** How soon to look again at what may change without an event. */
    public static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    static final String IMAGE_PULL_FAILED = "ImagePullFailed";

    private final Job job;
    private final Optional<Pod> pod;
    private final StepTerms<D> terms;
    private final Instant now;

    private StepReader(Job job, Optional<Pod> pod, StepTerms<D> terms, Instant now) {
        this.job = job;
        this.pod = pod;
        this.terms = terms;
        this.now = now;
    }

    /**
     * Reads one Job.
     *
     * @param pods at least those of the Job; others are passed over
     */
    public static <D> StepState<D> read(Job job, Collection<Pod> pods, StepTerms<D> terms, Instant now) {
        // A pod that a drained node took away is followed by another.
        var latest = pods.stream()
                .filter(pod -> Owners.owns(job, pod))
                .max(Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                        .thenComparing(pod -> pod.getMetadata().getName()));
        return new StepReader<>(job, latest, terms, now).read();
    }

    private StepState<D> read() {
        var end = PodSigns.endOf(job);
        var terminated = pod.flatMap(observed -> PodSigns.endOf(observed, terms.container()));
        if (terminated.isPresent()) {
            var result = resultOf(terminated.get());
            if (result.isPresent()) {
                return new StepState.Ended<>(
                        result.get(), PodSigns.timeOr(terminated.get().getFinishedAt(), now));
            }
        }
        if (end.isPresent()) {
            return afterTheEnd(end.get(), terminated);
        }
        return pod.map(this::running).orElseGet(this::withoutPod);
    }

    private StepState<D> afterTheEnd(JobCondition end, Optional<ContainerStateTerminated> terminated) {
        var at = PodSigns.timeOr(end.getLastTransitionTime(), now);
        if ("DeadlineExceeded".equals(end.getReason())) {
            return failed(
                    at,
                    terms.timedOut(),
                    terms.noun() + " didn't end within " + terms.deadline().toSeconds() + " s; "
                            + terms.afterTimeOut());
        }
        if (pod.isPresent() && PodSigns.isEvicted(pod.get())) {
            return failed(
                    at,
                    "Evicted",
                    "the node evicted " + terms.noun() + ": "
                            + pod.get().getStatus().getMessage());
        }
        if (terminated.isPresent()) {
            return failed(
                    at,
                    terms.crashed(),
                    terms.noun() + " ended with exit code " + terminated.get().getExitCode() + " and no result"
                            + PodSigns.lastWords(terminated.get()));
        }
        if (now.isBefore(at.plus(RESULT_GRACE))) {
            return new StepState.Running<>(
                    terms.underWay(), "Job " + name() + " ended; reading its result", false, true);
        }
        return failed(
                at,
                "ResultMissing",
                "Job " + name() + " ended, but its pod is gone and with it the result"
                        + "; the next attempt finds what this one stored");
    }

    private StepState<D> running(Pod observed) {
        var wait = PodSigns.waitOf(observed, terms.container());
        if (wait.isPresent() && PodSigns.isForImage(wait.get())) {
            return heldUp(
                    IMAGE_PULL_FAILED,
                    "the image " + terms.image() + " can't be pulled: "
                            + wait.get().getReason() + ": " + wait.get().getMessage()
                            + "; see that the node can reach the registry and may pull the image");
        }
        if (wait.isPresent() && PodSigns.isForStart(wait.get())) {
            return heldUp(
                    "ContainerNotStarted",
                    "the container can't be started: " + wait.get().getReason() + ": "
                            + wait.get().getMessage());
        }
        var unscheduled = PodSigns.unschedulable(observed);
        if (unscheduled.isPresent()) {
            return heldUp(
                    "Unschedulable",
                    "no node takes the pod " + observed.getMetadata().getName() + ": "
                            + unscheduled.get().getMessage());
        }
        return underWay(false);
    }

    private StepState<D> withoutPod() {
        var since = PodSigns.timeOr(job.getMetadata().getCreationTimestamp(), now);
        if (now.isBefore(since.plus(POD_GRACE))) {
            return underWay(true);
        }
        return heldUp(
                "PodNotCreated",
                "Job " + name() + " got no pod within " + POD_GRACE.toSeconds()
                        + " s; its events say why: kubectl describe job " + name() + " -n "
                        + job.getMetadata().getNamespace());
    }

    private Optional<StepResult<D>> resultOf(ContainerStateTerminated terminated) {
        if ("OOMKilled".equals(terminated.getReason())) {
            return Optional.of(terms.outOfMemory());
        }
        var message = terminated.getMessage();
        if (message == null || message.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StepResultCodec.fromJson(message, terms.details()));
        } catch (StepResultCodec.MalformedResultException e) {
            // The kubelet's fallback, the last lines of the log: the end of the Job tells what to make of them.
            return Optional.empty();
        }
    }

    private String name() {
        return job.getMetadata().getName();
    }

    private StepState<D> underWay(boolean lookAgain) {
        return new StepState.Running<>(terms.underWay(), "Job " + name() + " " + terms.activity(), false, lookAgain);
    }

    private StepState<D> heldUp(String reason, String message) {
        return new StepState.Running<>(reason, message, true, false);
    }

    private StepState<D> failed(Instant at, String reason, String message) {
        return new StepState.Ended<>(StepResult.failed(terms.step(), reason, message), at);
    }
}
