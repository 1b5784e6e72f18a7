package dev.tatara.runtime.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeersTest {
    private final RouterMeters meters = new RouterMeters(new SimpleMeterRegistry(), () -> 0);
    private final Peers peers = new Peers();

    private Routes routes(String... candidates) {
        return new Routes(
                new TrafficTable(
                        1,
                        "uid",
                        1,
                        "salt",
                        List.of(
                                new Entry("candidate", 50, false, List.of(candidates)),
                                new Entry("stable", 50, false, List.of("10.0.0.9:8083"))),
                        List.of(),
                        null,
                        null,
                        10),
                "stable",
                meters);
    }

    private Peer pick(Routes routes, Peer not) {
        return peers.pick(routes, routes.sides().getFirst(), not);
    }

    @Test
    void theLeastBusyIsPicked() {
        Routes routes = routes("10.0.0.1:8083", "10.0.0.2:8083", "[fd00::3]:8084");
        Set<String> picked = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            Peer peer = pick(routes, null);
            peer.begin();
            picked.add(peer.address().host() + " " + peer.address().port());
        }
        assertThat(picked).containsExactlyInAnyOrder("10.0.0.1 8083", "10.0.0.2 8083", "fd00::3 8084");
    }

    @Test
    void whoFailedComesLast() {
        Routes routes = routes("10.0.0.1:8083", "10.0.0.2:8083");
        Peer failed = pick(routes, null);
        failed.avoid();
        Peer other = pick(routes, null);
        other.begin();
        other.begin();
        assertThat(other).isNotSameAs(failed);
        assertThat(pick(routes, null)).isSameAs(other);
        assertThat(pick(routes, other)).as("not the same once more").isSameAs(failed);
        failed.trust();
        assertThat(pick(routes, null)).isSameAs(failed);
    }

    @Test
    void theOnlyOneIsTriedAgain() {
        Routes routes = routes("10.0.0.1:8083");
        Peer only = pick(routes, null);
        assertThat(pick(routes, only)).isSameAs(only);
        assertThat(pick(routes(), null)).isNull();
    }

    @Test
    void podsAreKnownAcrossTables() {
        Peer before = pick(routes("10.0.0.1:8083"), null);
        before.begin();
        Routes next = routes("10.0.0.2:8083", "10.0.0.1:8083");
        assertThat(pick(next, null)).isNotSameAs(before);
        assertThat(pick(next, pick(next, null))).isSameAs(before);
    }
}
