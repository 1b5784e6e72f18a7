package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.Story;
import dev.tatara.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An operator that is killed in mid-canary goes on exactly where it was: in the same step, with what is left of its hold;
 * and no request notices.
 */
@OnCluster
@ResourceLock("operator")
@ResourceLock("load")
class CanaryKillE2E {
    private static final int SOME = 100;
    private static final List<String> STEPS = List.of("taste", "half", "all");
    private static final Duration HOLD = Duration.ofSeconds(12);

    private final Cluster cluster;
    private final TestNamespace namespace;

    CanaryKillE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    /** How far a step is. */
    private enum State {
        /** The candidate's pods are waited for. */
        Entered,
        /** The traffic moves. */
        Routed,
        /** Every pod has acknowledged it. */
        Held
    }

    /** A moment of a canary. */
    private record Point(String step, State state) {
        boolean isReached(CustomObject object) {
            return step.equals(object.status("rollout", "stepName"))
                    && switch (state) {
                        case Entered -> true;
                        case Routed -> object.status("rollout", "routedAt") != null;
                        case Held -> object.status("rollout", "heldSince") != null;
                    };
        }
    }

    @AfterAll
    void restore() {
        await("operator").atMost(Cluster.LIMIT).until(() -> cluster.operator().isReady());
    }

    @Test
    void goesOnWhereItWas() {
        killAt(
                "killed",
                List.of(
                        new Point("taste", State.Entered),
                        new Point("half", State.Held),
                        new Point("all", State.Routed)));
    }

    /** A canary for each state: while an operator comes back, the next state of the step may pass. */
    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void goesOnWhereverItWas(State state) {
        killAt(
                "killed-" + state.name().toLowerCase(Locale.ROOT),
                STEPS.stream().map(step -> new Point(step, state)).toList());
    }

    private void killAt(String name, List<Point> points) {
        var service = new Multiplier(namespace, name);
        service.serve(2);
        service.prepare(3);
        try (var load = service.load();
                var story = service.story()) {
            load.awaitMore(2, SOME);
            service.roll(3, """
                {strategy: Canary, scaleDownDelay: 5s, canary: {steps: [
                  {name: taste, weight: 10, hold: %1$ds},
                  {name: half, weight: 50, hold: %1$ds},
                  {name: all, weight: 100, hold: %1$ds}]}}""".formatted(HOLD.toSeconds()));
            points.forEach(point -> killAt(point, story));
            service.awaitServing(3);
            load.awaitMore(3, SOME);
            await("pods of the old revision to go").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(service.pods())
                    .hasSize(2));
            service.report(load.stop());
            isOneRollout(story);
        }
        assertThat(service.history()).first().satisfies(end -> assertThat(end)
                .containsEntry("modelVersion", name + "-3")
                .containsEntry("outcome", "Promoted"));
    }

    private void killAt(Point point, Story story) {
        var reached = story.awaitFirst(point.toString(), point::isReached);
        cluster.operator().kill();
        var killed = Instant.now();
        await("the next operator").atMost(Cluster.LIMIT).until(() -> cluster.operator()
                .isReady());
        System.out.printf(
                "operator killed at %s, %d ms after it was there; ready again after %d ms%n",
                point,
                Duration.between(reached.at(), killed).toMillis(),
                Duration.between(killed, Instant.now()).toMillis());
    }

    /** Each step once, from its beginning to the end of its hold. */
    private static void isOneRollout(Story story) {
        assertThat(story.values("rollout", "startedAt")).as("beginnings").hasSize(1);
        assertThat(story.values("rollout", "stepName")).isEqualTo(STEPS);
        assertThat(story.values("candidate", "weight")).isEqualTo(List.of(0, 10, 50, 100));
        var begun =
                STEPS.stream().map(step -> only(story, step, "stepStartedAt")).toList();
        var held = STEPS.stream().map(step -> only(story, step, "heldSince")).toList();
        IntStream.range(1, STEPS.size()).forEach(next -> {
            var lasted = Duration.between(held.get(next - 1), begun.get(next));
            System.out.printf("step %s held for %s of %s%n", STEPS.get(next - 1), lasted, HOLD);
            assertThat(lasted).isGreaterThanOrEqualTo(HOLD);
        });
    }

    /** The one value that a time had during a step. */
    private static Instant only(Story story, String step, String time) {
        var values = new LinkedHashSet<Object>();
        story.moments().stream()
                .map(Story.Moment::object)
                .filter(object -> step.equals(object.status("rollout", "stepName")))
                .map(object -> object.status("rollout", time))
                .filter(value -> value != null)
                .forEach(values::add);
        assertThat(values).as("%s of step %s", time, step).hasSize(1);
        return Instant.parse(String.valueOf(values.getFirst()));
    }
}
