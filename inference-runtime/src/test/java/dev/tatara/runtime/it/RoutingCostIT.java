package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A short run of bench/routing: what is measured as forwarded was. */
class RoutingCostIT {
    private static final int CONNECTIONS = 2;
    private static final int REQUESTS = 200;

    private static void forwards(Asker.Opener protocol) throws Exception {
        try (RoutingBench bench = new RoutingBench()) {
            // The last round ends with the setting that forwards, and what a revision did is counted while it is in the
            // table.
            Rounds rounds = bench.measure(protocol, CONNECTIONS, 1, REQUESTS);
            assertThat(rounds.settings())
                    .containsExactly(
                            RoutingBench.NOT_ROUTED, RoutingBench.AGAIN, RoutingBench.HERE, RoutingBench.FORWARDED);
            assertThat(bench.forwarded()).isEqualTo(REQUESTS);
        }
    }

    @Test
    void overRest() throws Exception {
        forwards(KeptConnection::new);
    }

    @Test
    void overGrpc() throws Exception {
        forwards(KeptChannel::new);
    }
}
