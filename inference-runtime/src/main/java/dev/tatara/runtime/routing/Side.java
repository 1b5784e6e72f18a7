package dev.tatara.runtime.routing;

import dev.tatara.traffic.TrafficTable.Entry;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** A revision of the table that is in force, as this pod sees it. */
public final class Side {
    private final int index;
    private final Entry entry;
    private final boolean own;
    private final List<Address> peers;
    private final RouterMeters.OfRevision meters;

    /** Where a pod takes forwarded requests. */
    record Address(String host, int port) {
        static Address of(String peer) {
            int colon = peer.lastIndexOf(':');
            String host = peer.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            return new Address(
                    bracketed ? host.substring(1, host.length() - 1) : host,
                    Integer.parseInt(peer.substring(colon + 1)));
        }
    }

    Side(int index, Entry entry, boolean own, RouterMeters.OfRevision meters) {
        this.index = index;
        this.entry = entry;
        this.own = own;
        this.meters = meters;
        peers = entry.peers().stream().map(Address::of).toList();
    }

    int index() {
        return index;
    }

    /** Whether this is the pod's own revision. */
    public boolean isOwn() {
        return own;
    }

    String revision() {
        return entry.revision();
    }

    int weight() {
        return entry.weight();
    }

    boolean isClosed() {
        return entry.closed();
    }

    List<Address> peers() {
        return peers;
    }

    /** Requests that it was chosen for. */
    LongAdder chosen() {
        return meters.chosen();
    }

    RouterMeters.OfRevision meters() {
        return meters;
    }
}
