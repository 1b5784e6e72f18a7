package dev.tatara.operator.inferenceservice.plan;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Says in one sentence why pods don't get ready, in the words of the kubelet and of the process itself. */
public final class PodTrouble {
    /** Reasons to wait that are part of every start. */
    private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

    private static final Set<String> IMAGE_PULL = Set.of("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull");

    private PodTrouble() {}

    /** The first trouble found, by name of the pod; empty if the pods are well or just starting. */
    public static Optional<String> in(Collection<Pod> pods) {
        return pods.stream()
                .sorted((a, b) ->
                        a.getMetadata().getName().compareTo(b.getMetadata().getName()))
                .flatMap(PodTrouble::of)
                .findFirst();
    }

    private static Stream<String> of(Pod pod) {
        if (pod.getStatus() == null || pod.getMetadata().getDeletionTimestamp() != null) {
            return Stream.empty();
        }
        var name = "pod " + pod.getMetadata().getName() + ": ";
        var unschedulable = pod.getStatus().getConditions().stream()
                .filter(condition ->
                        condition.getType().equals("PodScheduled") && "False".equals(condition.getStatus()))
                .map(condition -> name + "can't be scheduled: " + condition.getMessage());
        var containers = Stream.of(
                        pod.getStatus().getInitContainerStatuses(),
                        pod.getStatus().getContainerStatuses())
                .flatMap(List::stream)
                .flatMap(PodTrouble::of)
                .map(trouble -> name + trouble);
        return Stream.concat(unschedulable, containers);
    }

    private static Stream<String> of(ContainerStatus status) {
        var waiting = Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
        if (waiting.isEmpty() || ORDINARY.contains(String.valueOf(waiting.get().getReason()))) {
            return Stream.empty();
        }
        var last = Optional.ofNullable(status.getLastState())
                .map(ContainerState::getTerminated)
                .map(end -> "OOMKilled".equals(end.getReason())
                        ? "ran out of memory (OOMKilled); raise spec.resources.limits.memory"
                        : end.getMessage() == null || end.getMessage().isBlank()
                                ? "exit code " + end.getExitCode()
                                : end.getMessage().strip());
        if (IMAGE_PULL.contains(waiting.get().getReason())) {
            // The kubelet's words alternate between the attempt and the wait; this stays the same.
            return Stream.of("image " + status.getImage() + " can't be pulled (kubectl describe pod shows why)");
        }
        return Stream.of(last.map(end -> "restarted " + status.getRestartCount() + " times, last: " + end)
                .orElseGet(() -> waiting.get().getReason()
                        + (waiting.get().getMessage() == null
                                ? ""
                                : ": " + waiting.get().getMessage())));
    }
}
