package dev.tatara.operator.inferenceservice.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.rollout.BlueGreen;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Routing.Share;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TrafficTablesTest {
    private static final Duration REMEMBERED = Duration.ofMinutes(30);

    @Test
    void peersAreThePodsThatAreReady() {
        var table = next(null, 0, canary(25), pod("a", "new", true), pod("b", "old", true), pod("c", "old", false));

        assertThat(table.generation()).isEqualTo(1);
        assertThat(table.service()).isEqualTo("uid");
        assertThat(table.entries())
                .containsExactly(
                        new Entry("new", 25, false, List.of("10.0.0.a:8083")),
                        new Entry("old", 75, false, List.of("10.0.0.b:8083")));
        assertThat(table.match()).containsExactly(new TrafficTable.HeaderMatch("x-canary", "true", "new"));
        assertThat(table.shadow()).isEqualTo(new TrafficTable.Shadow("new", 20, 1e-5));
        assertThat(table.bucketSeconds()).isEqualTo(5);
    }

    @Test
    void theSameAgainIsTheSameTable() {
        var pods = new ServingPod[] {pod("a", "new", true), pod("b", "old", true)};
        var first = next(null, 0, canary(25), pods);

        assertThat(next(first, 0, canary(25), pods)).isSameAs(first);
        assertThat(next(first, 0, canary(50), pods).generation()).isEqualTo(2);
        assertThat(next(first, 0, canary(25), pods[0]).generation()).isEqualTo(2);
    }

    @Test
    void whereRequestsAreDividedBeforePodsAreToldNoRules() {
        var divided = next(null, 0, canary(25), pod("a", "new", true));
        var answered =
                TrafficTables.next(divided, 0, "uid", canary(25), true, REMEMBERED, List.of(pod("a", "new", true)));

        assertThat(answered.generation()).isEqualTo(2);
        assertThat(answered.dividedBefore()).isTrue();
        assertThat(answered.entries()).isEqualTo(divided.entries());
        assertThat(answered.match()).isEmpty();
        assertThat(answered.stickyHeader()).isNull();
        assertThat(answered.shadow()).isNull();
        assertThat(next(answered, 0, canary(25), pod("a", "new", true)).dividedBefore())
                .isFalse();
    }

    /** Another table of this generation, or a later one, is known to a pod: as when the ConfigMap was deleted. */
    @Test
    void whatPodsHaveHeardElsewhereIsOutdone() {
        var first = next(null, 0, canary(25));

        assertThat(next(first, 1, canary(25)).generation()).isEqualTo(2);
        assertThat(next(first, 57, canary(25)).generation()).isEqualTo(58);
        assertThat(next(null, 57, canary(25)).generation()).isEqualTo(58);
        assertThat(next(next(null, 57, canary(25)), 57, canary(25)).generation())
                .isEqualTo(58);
    }

    @Test
    void atRestPodsComeAndGoWithoutAnybodyBeingTold() {
        var alone = next(null, 0, Routing.to("only"), pod("a", "only", true));

        assertThat(alone.entries()).containsExactly(new Entry("only", 100, false, List.of()));
        assertThat(next(alone, 0, Routing.to("only"), pod("b", "only", true), pod("c", "only", true)))
                .isSameAs(alone);
    }

    @Test
    void podsOfAnEarlierRevisionForwardUntilTheyAreGone() {
        var table = next(null, 0, Routing.to("new"), pod("a", "new", true), pod("b", "old", true));

        assertThat(table.entries()).containsExactly(new Entry("new", 100, false, List.of("10.0.0.a:8083")));
    }

    @Test
    void bucketsReachBackAsFarAsAStepLasts() {
        assertThat(TrafficTables.bucketSeconds(Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(TrafficTables.bucketSeconds(Duration.ofMinutes(30))).isEqualTo(5);
        assertThat(TrafficTables.bucketSeconds(Duration.ofHours(2))).isEqualTo(30);
        assertThat(TrafficTables.bucketSeconds(Duration.ofDays(3650))).isEqualTo(86_400);
        assertThat(TrafficTables.remembered(null)).isEqualTo(REMEMBERED);
        var blueGreen = new BlueGreen(
                null, null, new BlueGreen.Trial(new TimeSpan("1h"), null), new BlueGreen.Trial(null, null));
        assertThat(TrafficTables.remembered(new Rollout(
                        Rollout.Strategy.BlueGreen,
                        null,
                        null,
                        blueGreen,
                        null,
                        null,
                        null,
                        new TimeSpan("10m"),
                        null,
                        null,
                        null)))
                .isEqualTo(Duration.ofMinutes(70));
    }

    /** Whatever happens in whatever order: generations never fall, and rise exactly when what is said changes. */
    @Property(tries = 200)
    void generationsRiseWithWhatIsSaid(@ForAll long seed) {
        var random = new Random(seed);
        TrafficTable table = null;
        for (var step = 0; step < 30; step++) {
            var pods = new ArrayList<ServingPod>();
            for (var i = 0; i < random.nextInt(4); i++) {
                pods.add(pod("p" + i, random.nextBoolean() ? "new" : "old", random.nextBoolean()));
            }
            var routing =
                    switch (random.nextInt(4)) {
                        case 0 -> Routing.to("old");
                        case 1 -> closed();
                        default -> canary(random.nextInt(3) * 50);
                    };
            var next = next(table, 0, routing, pods.toArray(ServingPod[]::new));
            if (table != null) {
                assertThat(next.generation() - table.generation())
                        .isEqualTo(says(next).equals(says(table)) ? 0 : 1);
            }
            assertThat(next(next, 0, routing, pods.toArray(ServingPod[]::new))).isSameAs(next);
            table = next;
        }
    }

    private static List<Object> says(TrafficTable table) {
        return List.of(
                table.entries(),
                table.match(),
                table.salt(),
                String.valueOf(table.stickyHeader()),
                String.valueOf(table.shadow()),
                table.bucketSeconds());
    }

    private static TrafficTable next(TrafficTable inForce, long taken, Routing routing, ServingPod... pods) {
        return TrafficTables.next(inForce, taken, "uid", routing, false, REMEMBERED, List.of(pods));
    }

    private static Routing canary(int weight) {
        return new Routing(
                List.of(new Share("new", weight, false), new Share("old", 100 - weight, false)),
                List.of(new Routing.Match("x-canary", "true", "new")),
                "x-user-id",
                "salt",
                new Routing.Mirror("new", 20, 1e-5));
    }

    private static Routing closed() {
        return new Routing(
                List.of(new Share("new", 0, true), new Share("old", 100, false)), List.of(), null, "salt", null);
    }

    private static ServingPod pod(String name, String revision, boolean ready) {
        return new ServingPod(name + "/0", name, revision, "10.0.0." + name, ready);
    }
}
