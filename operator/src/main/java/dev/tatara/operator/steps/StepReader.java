package dev.tatara.operator.steps;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/**
 * Reads from a Job and its pods how far a step is.
 *
 * @param <D> record of the step's findings
 */
public final class StepReader<D> {
    /** The Job's end may be seen before its pod's; after this long the pod's will not come. */
    static final Duration RESULT_GRACE = Duration.ofSeconds(10);
    /** A Job that has no pod after this long says why in its events only. */
    static final Duration POD_GRACE = Duration.ofSeconds(30);

    /** Reasons of steps that don't get on. */
    public static final Set<String> HELD_UP =
            Set.of("ImagePullFailed", "ContainerNotStarted", "Unschedulable", "PodNotCreated");

    private static final Set<String> IMAGE_TROUBLE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    private static final Set<String> START_TROUBLE =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");
    private static final int MAX_LAST_WORDS = 500;

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
        var end = endOfJob();
        var terminated = containerState().map(ContainerState::getTerminated);
        if (terminated.isPresent()) {
            var result = resultOf(terminated.get());
            if (result.isPresent()) {
                return new StepState.Ended<>(
                        result.get(), timeOr(terminated.get().getFinishedAt(), now));
            }
        }
        if (end.isPresent()) {
            return afterTheEnd(end.get(), terminated);
        }
        return pod.map(this::running).orElseGet(this::withoutPod);
    }

    private StepState<D> afterTheEnd(JobCondition end, Optional<ContainerStateTerminated> terminated) {
        var at = timeOr(end.getLastTransitionTime(), now);
        if ("DeadlineExceeded".equals(end.getReason())) {
            return failed(
                    at,
                    terms.timedOut(),
                    terms.noun() + " didn't end within " + terms.deadline().toSeconds() + " s; "
                            + terms.afterTimeOut());
        }
        if (pod.isPresent() && "Evicted".equals(pod.get().getStatus().getReason())) {
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
                            + lastWords(terminated.get()));
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
        var waiting = containerState().map(ContainerState::getWaiting);
        if (waiting.isPresent()
                && IMAGE_TROUBLE.contains(String.valueOf(waiting.get().getReason()))) {
            return heldUp(
                    "ImagePullFailed",
                    "the image " + terms.image() + " can't be pulled: "
                            + waiting.get().getReason() + ": " + waiting.get().getMessage()
                            + "; see that the node can reach the registry and may pull the image");
        }
        if (waiting.isPresent()
                && START_TROUBLE.contains(String.valueOf(waiting.get().getReason()))) {
            return heldUp(
                    "ContainerNotStarted",
                    "the container can't be started: " + waiting.get().getReason() + ": "
                            + waiting.get().getMessage());
        }
        var unscheduled = observed.getStatus() == null
                ? Optional.<PodCondition>empty()
                : observed.getStatus().getConditions().stream()
                        .filter(condition -> "PodScheduled".equals(condition.getType())
                                && "False".equals(condition.getStatus())
                                && "Unschedulable".equals(condition.getReason()))
                        .findFirst();
        if (unscheduled.isPresent()) {
            return heldUp(
                    "Unschedulable",
                    "no node takes the pod " + observed.getMetadata().getName() + ": "
                            + unscheduled.get().getMessage());
        }
        return underWay(false);
    }

    private StepState<D> withoutPod() {
        var since = timeOr(job.getMetadata().getCreationTimestamp(), now);
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

    private Optional<ContainerState> containerState() {
        return pod.map(Pod::getStatus).stream()
                .flatMap(status -> status.getContainerStatuses().stream())
                .filter(status -> terms.container().equals(status.getName()))
                .map(status -> status.getState())
                .filter(state -> state != null)
                .findFirst();
    }

    private Optional<JobCondition> endOfJob() {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(condition -> "True".equals(condition.getStatus())
                                && Set.of("Complete", "Failed").contains(condition.getType()))
                        .findFirst();
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

    private static String lastWords(ContainerStateTerminated terminated) {
        var message =
                terminated.getMessage() == null ? "" : terminated.getMessage().strip();
        if (message.isEmpty()) {
            return "";
        }
        var end = message.length() <= MAX_LAST_WORDS
                ? message
                : "…" + message.substring(message.length() - MAX_LAST_WORDS);
        return "; its last words: " + end;
    }

    private static Instant timeOr(String time, Instant otherwise) {
        return time == null ? otherwise : Instant.parse(time);
    }
}
