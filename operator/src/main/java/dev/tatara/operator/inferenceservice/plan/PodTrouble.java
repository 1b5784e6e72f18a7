package dev.tatara.operator.inferenceservice.plan;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Says in one sentence why pods don't get ready, in the words of the kubelet and of the process itself. */
public final class PodTrouble {
    /** Reasons to wait that are part of every start. */
    private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

    private static final Set<String> IMAGE_PULL = Set.of("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull");
    private static final String OUT_OF_MEMORY = "OOMKilled";

    /** The end of what a process said is what it died of; a status has room for a sentence. */
    private static final int MOST_WORDS = 400;

    private PodTrouble() {}

    /** The first trouble found, by name of the pod; empty if the pods are well or just starting. */
    public static Optional<String> in(Collection<Pod> pods) {
        return first(pods, PodTrouble::of);
    }

    /** What the first pod does that isn't ready, for who has waited too long for pods without any trouble. */
    public static Optional<String> unready(Collection<Pod> pods) {
        return first(pods, pod -> containers(pod).flatMap(PodTrouble::unready));
    }

    /** Whether a process ran out of memory a second time, and isn't well: with this limit no restart will help it. */
    public static boolean isShortOfMemory(Collection<Pod> pods) {
        return pods.stream()
                .filter(PodTrouble::counts)
                .flatMap(PodTrouble::containers)
                .anyMatch(status -> {
                    var isRunning = state(status, ContainerState::getRunning).isPresent();
                    var ends = restarts(status) + (isRunning ? 0 : 1);
                    return !isReady(status)
                            && ends >= 2
                            && lastEnd(status).filter(PodTrouble::isOutOfMemory).isPresent();
                });
    }

    private static Optional<String> first(Collection<Pod> pods, Function<Pod, Stream<String>> told) {
        return pods.stream()
                .filter(PodTrouble::counts)
                .sorted((a, b) ->
                        a.getMetadata().getName().compareTo(b.getMetadata().getName()))
                .flatMap(pod ->
                        told.apply(pod).map(what -> "pod " + pod.getMetadata().getName() + ": " + what))
                .findFirst();
    }

    private static boolean counts(Pod pod) {
        return pod.getStatus() != null && pod.getMetadata().getDeletionTimestamp() == null;
    }

    private static Stream<String> of(Pod pod) {
        var unschedulable = pod.getStatus().getConditions().stream()
                .filter(condition ->
                        condition.getType().equals("PodScheduled") && "False".equals(condition.getStatus()))
                .map(condition -> "can't be scheduled: " + cut(condition.getMessage()));
        return Stream.concat(unschedulable, containers(pod).flatMap(status -> of(pod, status)));
    }

    private static Stream<ContainerStatus> containers(Pod pod) {
        return Stream.of(
                        pod.getStatus().getInitContainerStatuses(),
                        pod.getStatus().getContainerStatuses())
                .flatMap(List::stream);
    }

    private static Stream<String> of(Pod pod, ContainerStatus status) {
        var waiting = state(status, ContainerState::getWaiting);
        var end = lastEnd(status);
        if (isReady(status)
                || waiting.filter(found -> ORDINARY.contains(String.valueOf(found.getReason())))
                        .isPresent()) {
            return Stream.empty();
        }
        if (waiting.filter(found -> IMAGE_PULL.contains(found.getReason())).isPresent()) {
            // The kubelet's words alternate between the attempt and the wait; this stays the same.
            return Stream.of("image " + status.getImage() + " can't be pulled (kubectl describe pod shows why)");
        }
        return end
                .map(found -> (restarts(status) == 0 ? "ended" : "restarted " + restarts(status) + " times")
                        + waiting.map(ContainerStateWaiting::getReason)
                                .map(reason -> " (" + reason + ")")
                                .orElse("")
                        + (restarts(status) == 0 ? ": " : ", last: ")
                        + describe(pod, status, found))
                .or(() -> waiting.map(found ->
                        found.getReason() + (found.getMessage() == null ? "" : ": " + cut(found.getMessage()))))
                .stream();
    }

    private static Stream<String> unready(ContainerStatus status) {
        if (isReady(status)) {
            return Stream.empty();
        }
        var waiting = state(status, ContainerState::getWaiting);
        if (waiting.isPresent()) {
            return Stream.of("is still " + waiting.get().getReason() + " (kubectl describe pod shows why)");
        }
        return Stream.of("runs, but hasn't passed its "
                + (Boolean.TRUE.equals(status.getStarted()) ? "readiness" : "startup")
                + " probe (kubectl logs shows what it does)");
    }

    /** How the process ended that ran before, if it ended; that of now where it doesn't run. */
    private static Optional<ContainerStateTerminated> lastEnd(ContainerStatus status) {
        return state(status, ContainerState::getTerminated)
                .or(() -> Optional.ofNullable(status.getLastState()).map(ContainerState::getTerminated));
    }

    private static String describe(Pod pod, ContainerStatus status, ContainerStateTerminated end) {
        if (isOutOfMemory(end)) {
            return "ran out of " + memory(pod, status) + " (" + OUT_OF_MEMORY + "); raise spec.resources.limits.memory";
        }
        return end.getMessage() == null || end.getMessage().isBlank()
                ? "exit code " + end.getExitCode()
                : cut(end.getMessage());
    }

    private static String memory(Pod pod, ContainerStatus status) {
        return pod.getSpec() == null
                ? "memory"
                : pod.getSpec().getContainers().stream()
                        .filter(container -> container.getName().equals(status.getName()))
                        .map(Container::getResources)
                        .map(ResourceRequirements::getLimits)
                        .filter(limits -> limits != null && limits.containsKey("memory"))
                        .map(limits -> "its " + limits.get("memory") + " of memory")
                        .findFirst()
                        .orElse("memory");
    }

    private static <T> Optional<T> state(ContainerStatus status, Function<ContainerState, T> part) {
        return Optional.ofNullable(status.getState()).map(part);
    }

    private static boolean isReady(ContainerStatus status) {
        return Boolean.TRUE.equals(status.getReady());
    }

    private static boolean isOutOfMemory(ContainerStateTerminated end) {
        return OUT_OF_MEMORY.equals(end.getReason());
    }

    private static int restarts(ContainerStatus status) {
        return status.getRestartCount() == null ? 0 : status.getRestartCount();
    }

    /** In one line, of which the end is kept. */
    private static String cut(String words) {
        var line = String.valueOf(words).strip().replaceAll("\\s*\\R\\s*", " ");
        return line.length() <= MOST_WORDS ? line : "…" + line.substring(line.length() - MOST_WORDS);
    }
}
