package dev.tatara.runtime.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.routing.Routing.Outcome;
import dev.tatara.traffic.SignedTable;
import dev.tatara.traffic.SigningKeys;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.Shadow;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RoutingTest {
    private static final KeyPair KEYS = SigningKeys.generate();

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Routing routing = new Routing("uid", "stable", KEYS.getPublic(), true, registry);

    private static TrafficTable table(long generation, Shadow shadow, Entry... entries) {
        return new TrafficTable(1, "uid", generation, "salt", List.of(entries), List.of(), null, shadow, 10);
    }

    private static Entry entry(String revision, int weight) {
        return new Entry(revision, weight, false, List.of());
    }

    private static byte[] signed(TrafficTable table) {
        return SignedTable.sign(table, KEYS.getPrivate()).toJson();
    }

    private Outcome take(TrafficTable table) {
        return routing.take(signed(table));
    }

    @Test
    void whoIsAloneHasNothingToDecide() {
        assertThat(routing.isReady()).isFalse();
        assertThat(take(table(1, null, entry("stable", 100)))).isEqualTo(new Outcome.InForce(1));
        assertThat(routing.isReady()).isTrue();
        assertThat(routing.active()).isNull();
        take(table(2, null, entry("candidate", 0), entry("stable", 100)));
        assertThat(routing.active()).isNotNull();
        take(table(3, new Shadow("stable", 100, 0), entry("stable", 100)));
        assertThat(routing.active()).isNotNull();
        take(table(4, null, entry("stable", 100)));
        assertThat(routing.active()).isNull();
        // The last pod of a revision that is gone still has to pass on what comes.
        take(table(5, null, entry("candidate", 100)));
        assertThat(routing.active()).isNotNull();
        assertThat(routing.active().mayStandIn()).isFalse();
    }

    @Test
    void whereRequestsAreDividedBeforeEachPodAnswersItsOwn() {
        take(table(1, null, entry("candidate", 100), entry("stable", 0)).whereDividedBefore());
        assertThat(routing.active().choose(null).isOwn()).isTrue();
    }

    @Test
    void aPodWithoutAKeyIsNotRouted() {
        Routing plain = new Routing("", "", null, true, registry);
        assertThat(plain.isReady()).isTrue();
        assertThat(plain.active()).isNull();
        assertThat(plain.take(signed(table(1, null, entry("stable", 100))))).isInstanceOf(Outcome.Refused.class);
    }

    @Property(tries = 200)
    void generationsOnlyRise(@ForAll long seed) {
        Random random = new Random(seed);
        List<TrafficTable> tables = new ArrayList<>();
        for (int generation = 1; generation <= 10; generation++) {
            tables.add(table(generation, null, entry("candidate", generation), entry("stable", 100 - generation)));
        }
        Collections.shuffle(tables, random);
        Routing fresh = new Routing("uid", "stable", KEYS.getPublic(), true, new SimpleMeterRegistry());
        long highest = 0;
        for (TrafficTable table : tables) {
            Outcome outcome = fresh.take(signed(table));
            if (table.generation() > highest) {
                highest = table.generation();
                assertThat(outcome).isEqualTo(new Outcome.InForce(highest));
            } else {
                assertThat(outcome).isEqualTo(new Outcome.Stale(highest));
            }
            assertThat(fresh.active().generation()).isEqualTo(highest);
        }
    }

    @Test
    void closedSinceTheTableThatSaysSo() {
        take(table(1, null, entry("candidate", 50), entry("stable", 50)));
        assertThat(routing.closedSince()).isZero();
        take(table(2, null, entry("candidate", 100), new Entry("stable", 0, true, List.of())));
        assertThat(routing.closedSince()).isEqualTo(2);
        take(table(3, null, entry("candidate", 50), entry("stable", 50)));
        assertThat(routing.closedSince()).isZero();
    }

    @Test
    void metersOfRevisionsThatAreGoneGo() {
        take(table(1, null, entry("candidate", 50), entry("stable", 50)));
        assertThat(registry.find("tatara_router_requests").functionCounters()).hasSize(2);
        take(table(2, null, entry("stable", 100)));
        assertThat(registry.find("tatara_router_requests").functionCounters()).hasSize(1);
        assertThat(registry.find("tatara_router_table_generation").gauge().value())
                .isEqualTo(2);
    }

    @Test
    void loopsAddUpAndBucketsEnd() throws Exception {
        TrafficCounts one = routing.newCounts();
        take(table(1, null, entry("candidate", 50), entry("stable", 50)));
        TrafficCounts other = routing.newCounts();
        one.answered(200, 1_000_000);
        one.answered(400, 1_000_000);
        other.answered(503, 1_000_000);
        other.unreachable("candidate");
        other.compared(false);
        TrafficStatistics told = StatisticsJson.read(routing.statistics(0, Map.of()));
        assertThat(told.revision()).isEqualTo("stable");
        assertThat(told.bucketSeconds()).isEqualTo(10);
        assertThat(told.buckets())
                .allSatisfy(bucket ->
                        assertThat(bucket.start().toEpochMilli() % 10_000).isZero());
        assertThat(told.buckets().stream()
                        .filter(bucket -> bucket.revisions().containsKey("stable"))
                        .mapToLong(bucket -> bucket.revisions().get("stable").requests())
                        .sum())
                .isEqualTo(3);
        assertThat(told.buckets().stream()
                        .filter(bucket -> bucket.revisions().containsKey("stable"))
                        .mapToLong(bucket -> bucket.revisions().get("stable").failed())
                        .sum())
                .isEqualTo(1);
        assertThat(told.buckets().getLast().revisions().get("candidate").unreachable())
                .isEqualTo(1);
        assertThat(told.buckets().getLast().shadow().mismatched()).isEqualTo(1);
        assertThat(StatisticsJson.read(routing.statistics(Long.MAX_VALUE, Map.of()))
                        .buckets())
                .isEmpty();
    }
}
