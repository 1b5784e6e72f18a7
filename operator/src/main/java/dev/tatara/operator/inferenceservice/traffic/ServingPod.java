package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A pod that divides traffic, as far as it has an address.
 *
 * @param process its uid and how often its process began: one that begins anew may know an older table
 * @param host its address as it stands in a URL
 * @param ready whether requests come to it
 */
record ServingPod(String process, String name, String revision, String host, boolean ready) {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    /** Those of a service's pods that can be told how to divide traffic, by name; terminating ones included. */
    static List<ServingPod> of(Collection<Pod> pods) {
        return pods.stream()
                .filter(ServingPod::hasAddress)
                .filter(pod -> PodRenderer.divides(pod.getSpec()))
                .map(ServingPod::of)
                .sorted(Comparator.comparing(ServingPod::name))
                .toList();
    }

    /** Where it answers on a port. */
    String at(int port) {
        return host + ":" + port;
    }

    private static boolean hasAddress(Pod pod) {
        var status = pod.getStatus();
        return status != null
                && status.getPodIP() != null
                && !status.getPodIP().isEmpty()
                && !ENDED.contains(String.valueOf(status.getPhase()))
                && pod.getMetadata().getLabels().containsKey(Labels.REVISION);
    }

    private static ServingPod of(Pod pod) {
        var ip = pod.getStatus().getPodIP();
        return new ServingPod(
                pod.getMetadata().getUid() + "/" + starts(pod),
                pod.getMetadata().getName(),
                pod.getMetadata().getLabels().get(Labels.REVISION),
                ip.contains(":") ? "[" + ip + "]" : ip,
                pod.getMetadata().getDeletionTimestamp() == null && isReady(pod));
    }

    private static int starts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(PodRenderer.CONTAINER))
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready") && "True".equals(condition.getStatus()));
    }
}
