package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.rollout.BlueGreen.Trial;
import dev.tatara.api.v1alpha1.rollout.Canary;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Makes the table of a service from how its requests are to be divided and which pods are ready. Pure. */
final class TrafficTables {
    /** Buckets of statistics that a pod keeps. */
    private static final int BUCKETS = 360;

    /** So that buckets begin at times that people read well. */
    private static final int[] BUCKET_SECONDS = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400
    };

    /** As the API says where nothing is set. */
    private static final Duration STEP_TIMEOUT = Duration.ofMinutes(30);

    private TrafficTables() {}

    /**
     * The table that is to be in force.
     *
     * @param inForce the one that is, or {@code null}
     * @param taken the highest generation that pods know of otherwise, 0 for none: what they are told must be above it
     * @param service uid of the service
     * @param isDividedBefore whether pods answer what they are sent, because somebody else divides the requests
     * @param remembered how far back what pods count must reach
     * @param pods all pods of the service that divide traffic
     * @return {@code inForce} where it says the same already
     */
    static TrafficTable next(
            TrafficTable inForce,
            long taken,
            String service,
            Routing routing,
            boolean isDividedBefore,
            Duration remembered,
            List<ServingPod> pods) {
        var known = inForce == null ? 0 : inForce.generation();
        if (inForce != null
                && known > taken
                && inForce.equals(table(known, service, routing, isDividedBefore, remembered, pods))) {
            return inForce;
        }
        return table(Math.max(known, taken) + 1, service, routing, isDividedBefore, remembered, pods);
    }

    private static TrafficTable table(
            long generation,
            String service,
            Routing routing,
            boolean isDividedBefore,
            Duration remembered,
            List<ServingPod> pods) {
        var table = table(generation, service, routing, remembered, pods);
        return isDividedBefore ? table.whereDividedBefore() : table;
    }

    private static TrafficTable table(
            long generation, String service, Routing routing, Duration remembered, List<ServingPod> pods) {
        if (routing.shares().size() == 1) {
            var only = routing.shares().getFirst().revision();
            return new TrafficTable(
                    TrafficTable.SCHEMA_VERSION,
                    service,
                    generation,
                    "",
                    List.of(new Entry(only, Routing.ALL, false, peersOfTheOnly(only, pods))),
                    List.of(),
                    null,
                    null,
                    BUCKET_SECONDS[0]);
        }
        return new TrafficTable(
                TrafficTable.SCHEMA_VERSION,
                service,
                generation,
                routing.salt(),
                routing.shares().stream()
                        .map(share -> new Entry(
                                share.revision(), share.weight(), share.closed(), peers(share.revision(), pods)))
                        .toList(),
                routing.matches().stream()
                        .map(match -> new HeaderMatch(match.header(), match.value(), match.revision()))
                        .toList(),
                routing.stickyHeader(),
                routing.mirror() == null
                        ? null
                        : new Shadow(
                                routing.mirror().revision(),
                                routing.mirror().percent(),
                                routing.mirror().tolerance()),
                bucketSeconds(remembered));
    }

    /** Where nobody forwards anything, pods may come and go without anybody being told. */
    private static List<String> peersOfTheOnly(String revision, List<ServingPod> pods) {
        return pods.stream().allMatch(pod -> pod.revision().equals(revision)) ? List.of() : peers(revision, pods);
    }

    private static List<String> peers(String revision, List<ServingPod> pods) {
        return pods.stream()
                .filter(pod -> pod.ready() && pod.revision().equals(revision))
                .map(pod -> pod.at(PodRenderer.PEER_PORT))
                .sorted()
                .limit(TrafficTable.MOST_PEERS)
                .toList();
    }

    /** How far back what pods count must reach: as long as a step may last. */
    static Duration remembered(Rollout rollout) {
        if (rollout == null) {
            return STEP_TIMEOUT;
        }
        var canary = rollout.canary() == null
                ? Stream.<TimeSpan>empty()
                : rollout.canary().steps().stream().map(Canary.Step::hold);
        var blueGreen = rollout.blueGreen() == null
                ? Stream.<Trial>empty()
                : Stream.of(
                        rollout.blueGreen().prePromotion(), rollout.blueGreen().postPromotion());
        var shadow = rollout.shadow() == null ? null : rollout.shadow().hold();
        var holds = Stream.of(
                        canary,
                        blueGreen.filter(Objects::nonNull).map(Trial::hold),
                        Stream.of(Optional.ofNullable(shadow)).flatMap(Optional::stream))
                .flatMap(Function.identity())
                .filter(Objects::nonNull)
                .map(TimeSpan::toDuration)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return holds.plus(
                rollout.stepTimeout() == null
                        ? STEP_TIMEOUT
                        : rollout.stepTimeout().toDuration());
    }

    /** The shortest bucket with which a pod's statistics reach back so far. */
    static int bucketSeconds(Duration remembered) {
        for (var seconds : BUCKET_SECONDS) {
            if (Duration.ofSeconds(seconds).multipliedBy(BUCKETS).compareTo(remembered) >= 0) {
                return seconds;
            }
        }
        return BUCKET_SECONDS[BUCKET_SECONDS.length - 1];
    }
}
