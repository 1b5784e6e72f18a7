package dev.tatara.operator.steps;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What Jobs and pods show of their state, in the words of the kubelet and the controllers. */
public final class PodSigns {
    private static final Set<String> IMAGE_TROUBLE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    private static final Set<String> START_TROUBLE =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");
    private static final int MAX_LAST_WORDS = 500;

    private PodSigns() {}

    /** The condition that ended a Job. */
    public static Optional<JobCondition> endOf(Job job) {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(condition -> "True".equals(condition.getStatus())
                                && Set.of("Complete", "Failed").contains(condition.getType()))
                        .findFirst();
    }

    /** The status of a container, one that runs before the others included. */
    public static Optional<ContainerStatus> statusOf(Pod pod, String container) {
        return pod.getStatus() == null
                ? Optional.empty()
                : Stream.concat(
                                pod.getStatus().getInitContainerStatuses().stream(),
                                pod.getStatus().getContainerStatuses().stream())
                        .filter(status -> container.equals(status.getName()))
                        .findFirst();
    }

    /** How a container ended. */
    public static Optional<ContainerStateTerminated> endOf(Pod pod, String container) {
        return statusOf(pod, container).map(ContainerStatus::getState).map(ContainerState::getTerminated);
    }

    /** What a container waits for. */
    public static Optional<ContainerStateWaiting> waitOf(Pod pod, String container) {
        return statusOf(pod, container).map(ContainerStatus::getState).map(ContainerState::getWaiting);
    }

    /** Whether the wait is for an image that can't be had. */
    public static boolean isForImage(ContainerStateWaiting wait) {
        return IMAGE_TROUBLE.contains(String.valueOf(wait.getReason()));
    }

    /** Whether the wait is for a container that can't be started. */
    public static boolean isForStart(ContainerStateWaiting wait) {
        return START_TROUBLE.contains(String.valueOf(wait.getReason()));
    }

    /** A condition of a pod that is True. */
    public static Optional<PodCondition> condition(Pod pod, String type) {
        return conditionIs(pod, type, "True");
    }

    /** The condition that says why no node takes a pod. */
    public static Optional<PodCondition> unschedulable(Pod pod) {
        return conditionIs(pod, "PodScheduled", "False")
                .filter(condition -> "Unschedulable".equals(condition.getReason()));
    }

    /** Whether the node evicted the pod. */
    public static boolean isEvicted(Pod pod) {
        return pod.getStatus() != null && "Evicted".equals(pod.getStatus().getReason());
    }

    /** The end of what a container wrote last, to be added to a message; empty if it wrote nothing. */
    public static String lastWords(ContainerStateTerminated terminated) {
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

    /** A time as Kubernetes writes it. */
    public static Instant timeOr(String time, Instant otherwise) {
        return time == null ? otherwise : Instant.parse(time);
    }

    private static Optional<PodCondition> conditionIs(Pod pod, String type, String status) {
        return pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(condition -> type.equals(condition.getType()) && status.equals(condition.getStatus()))
                        .findFirst();
    }
}
