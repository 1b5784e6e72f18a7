package dev.tatara.e2e.cluster;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Ends the first pod of some Job at a moment and in a way that were drawn beforehand. To be asked again and again, until
 * it has struck or has come too late.
 */
public final class PodKill {
    /** What becomes of a pod. */
    public enum Way {
        /** Somebody deletes it: the Job has failed. */
        Delete,
        /** A node is drained: the Job makes another. */
        Evict
    }

    private enum State {
        Waiting,
        Struck,
        TooLate
    }

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final Cluster cluster;
    private final Way way;
    private final Duration delay;
    private State state = State.Waiting;
    private long firstSeen;

    private PodKill(Cluster cluster, Way way, Duration delay) {
        this.cluster = cluster;
        this.way = way;
        this.delay = delay;
    }

    /** A kill at some moment of the time that such a pod takes from when it is there until it ends. */
    public static PodKill draw(Cluster cluster, Random random, Duration usual) {
        var way = random.nextInt(3) == 0 ? Way.Evict : Way.Delete;
        return new PodKill(
                cluster, way, usual.multipliedBy(random.nextInt(1000)).dividedBy(1000));
    }

    /** An eviction as soon as there is a pod. */
    public static PodKill eviction(Cluster cluster) {
        return new PodKill(cluster, Way.Evict, Duration.ZERO);
    }

    /**
     * Strikes if it is time.
     *
     * @param pod the Job's first pod, if it is there
     */
    public void look(Optional<Pod> pod) {
        if (isOver() || pod.isEmpty()) {
            return;
        }
        if (firstSeen == 0) {
            firstSeen = System.nanoTime();
        }
        if (ENDED.contains(pod.get().getStatus().getPhase())) {
            state = State.TooLate;
        } else if (System.nanoTime() - firstSeen >= delay.toNanos()) {
            strike(pod.get());
            state = State.Struck;
        }
    }

    /** Whether it won't do anything any more. */
    public boolean isOver() {
        return state != State.Waiting;
    }

    public boolean hasStruck() {
        return state == State.Struck;
    }

    private void strike(Pod pod) {
        var resource = cluster.client()
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName());
        switch (way) {
            case Delete -> resource.withGracePeriod(0).delete();
            case Evict ->
                resource.evict(new EvictionBuilder()
                        .withNewMetadata()
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .endMetadata()
                        .withDeleteOptions(new DeleteOptionsBuilder()
                                .withGracePeriodSeconds(0L)
                                .build())
                        .build());
        }
    }

    @Override
    public String toString() {
        return way + " after " + delay.toMillis() + " ms" + (state == State.TooLate ? " (too late)" : "");
    }
}
