package dev.tatara.runtime.routing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Other pods as one event loop sees them: how much it has under way with each, and which it had better leave alone. */
final class Peers {
    private static final long AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private Map<Side.Address, Peer> known = new HashMap<>();
    private Routes routes;
    private Peer[][] sides = {};

    /** One pod. */
    static final class Peer {
        private final Side.Address address;
        private int inFlight;
        private boolean avoided;
        private long avoidedSince;

        Peer(Side.Address address) {
            this.address = address;
        }

        Side.Address address() {
            return address;
        }

        void begin() {
            inFlight++;
        }

        void end() {
            inFlight--;
        }

        /** It couldn't be reached: others come first for a while. */
        void avoid() {
            avoided = true;
            avoidedSince = System.nanoTime();
        }

        void trust() {
            avoided = false;
        }

        private boolean isAvoided() {
            if (avoided && System.nanoTime() - avoidedSince > AVOIDED_NANOS) {
                avoided = false;
            }
            return avoided;
        }

        /** Those that are to be avoided come after all others. */
        private long order() {
            return isAvoided() ? Integer.MAX_VALUE + (long) inFlight : inFlight;
        }
    }

    /**
     * The pod of a revision with the least under way, of several one at random.
     *
     * @param not this one only if there is no other; null for any
     * @return null if the revision has no pods
     */
    Peer pick(Routes by, Side side, Peer not) {
        learn(by);
        Peer[] peers = sides[side.index()];
        Peer best = null;
        int first = peers.length > 1 ? ThreadLocalRandom.current().nextInt(peers.length) : 0;
        for (int i = 0; i < peers.length; i++) {
            Peer peer = peers[(first + i) % peers.length];
            if (peer != not && (best == null || peer.order() < best.order())) {
                best = peer;
            }
        }
        return best == null && peers.length > 0 ? peers[0] : best;
    }

    @SuppressWarnings("ReferenceEquality") // a table is taken up once, as one object
    private void learn(Routes by) {
        if (by == routes) {
            return;
        }
        Map<Side.Address, Peer> named = new HashMap<>();
        List<Side> all = by.sides();
        Peer[][] next = new Peer[all.size()][];
        for (Side side : all) {
            next[side.index()] = side.peers().stream()
                    .map(address -> named.computeIfAbsent(address, it -> known.getOrDefault(it, new Peer(it))))
                    .toArray(Peer[]::new);
        }
        known = named;
        sides = next;
        routes = by;
    }
}
