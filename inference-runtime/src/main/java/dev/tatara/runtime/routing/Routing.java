package dev.tatara.runtime.routing;

import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.traffic.BadSignatureException;
import dev.tatara.traffic.MalformedTableException;
import dev.tatara.traffic.SignedTable;
import dev.tatara.traffic.SigningKeys;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficTable;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The traffic table that is in force in this process, whichever way it came. */
public final class Routing {
    private static final Logger LOG = Logger.getLogger(Routing.class);

    private final String service;
    private final String revision;
    private final PublicKey key;
    private final RouterMeters meters;
    private final Shadowing shadowing;
    private final TrafficCounts.Ring counts = new TrafficCounts.Ring();
    private SignedTable signed;
    private volatile Routes current;
    private volatile Routes active;

    /**
     * @param service UID of the service that tables must be for
     * @param revision the pod's own
     * @param key what tables must be signed with; null for a pod that isn't routed
     * @param shown whether requests that a shadow answers otherwise may be shown with their values
     */
    Routing(String service, String revision, PublicKey key, boolean shown, MeterRegistry registry) {
        shadowing = new Shadowing(shown);
        this.service = service;
        this.revision = revision;
        this.key = key;
        meters = key == null ? null : new RouterMeters(registry, () -> current == null ? 0 : current.generation());
    }

    public static Routing of(RuntimeSettings settings, MeterRegistry registry) {
        RuntimeSettings.Traffic traffic = settings.traffic();
        return new Routing(
                traffic.serviceUid().orElse(""),
                settings.revision().orElse(""),
                traffic.table()
                        .flatMap(file -> traffic.publicKey())
                        .flatMap(Routing::readable)
                        .orElse(null),
                settings.logging().exclude().isEmpty()
                        && settings.logging().hash().isEmpty(),
                registry);
    }

    /** A key that can't be read is named when settings are checked, and the process ends by that. */
    private static Optional<PublicKey> readable(String key) {
        try {
            return Optional.of(SigningKeys.publicKey(key));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What became of a table that somebody brought. */
    public sealed interface Outcome {
        /** It is in force, from now on or already. */
        record InForce(long generation) implements Outcome {}

        /** One that is as new or newer is in force. */
        record Stale(long generation) implements Outcome {}

        /** It isn't for this pod, or nobody knows who made it. */
        record Refused(String why) implements Outcome {}

        record Malformed(String why) implements Outcome {}
    }

    /** By what to route; null while there is nothing to decide: this is what each request reads. */
    public Routes active() {
        return active;
    }

    /** Whether this pod routes at all. */
    public boolean isRouted() {
        return key != null;
    }

    /** Whether it knows what it must know before it is ready. */
    public boolean isReady() {
        return key == null || current != null;
    }

    /** The pod's own revision, empty if it has none. */
    public String revision() {
        return revision;
    }

    /** UID of the service that tables must be for. */
    public String service() {
        return service;
    }

    /** The table in force; null without one. */
    Routes current() {
        return current;
    }

    /** Length of the spans of time in which is counted; 0 while nothing is. */
    public int countedSeconds() {
        return active == null ? 0 : counts.bucketSeconds();
    }

    /**
     * What was counted, as JSON.
     *
     * @param since of buckets that begin at this instant or later, in milliseconds since 1970
     * @param predictions sketches of the own revision's answers, by the start of their bucket
     */
    public byte[] statistics(long since, Map<Instant, List<Column>> predictions) {
        Routes routes = current;
        return StatisticsJson.write(new TrafficStatistics(
                revision,
                routes == null ? 0 : routes.generation(),
                counts.bucketSeconds(),
                counts.since(since, predictions)));
    }

    Shadowing shadowing() {
        return shadowing;
    }

    RouterMeters meters() {
        return meters;
    }

    /** The last requests that a shadow answered otherwise, as JSON. */
    public byte[] mismatches() {
        return shadowing.mismatches().toJson();
    }

    /** What one event loop counts with. */
    public TrafficCounts newCounts() {
        return counts.add(new TrafficCounts(revision));
    }

    /** Since which generation the own revision gets no request any more; 0 while it does. */
    public long closedSince() {
        Routes routes = current;
        return routes != null && routes.own() != null && routes.own().isClosed() ? routes.generation() : 0;
    }

    /** Takes a table up, if it is newer and signed as it must be. */
    public synchronized Outcome take(byte[] document) {
        if (key == null) {
            return new Outcome.Refused("this pod isn't routed: tatara.runtime.traffic.table is not set");
        }
        SignedTable brought;
        TrafficTable table;
        try {
            brought = SignedTable.parse(document);
            table = brought.verify(key);
        } catch (MalformedTableException e) {
            return new Outcome.Malformed(e.getMessage());
        } catch (BadSignatureException e) {
            return new Outcome.Refused(e.getMessage());
        }
        if (!table.service().equals(service)) {
            return new Outcome.Refused(
                    "the table is of service " + table.service() + ", and this pod belongs to " + service);
        }
        Routes before = current;
        if (before != null && table.generation() <= before.generation()) {
            return signed.hasSameTable(brought)
                    ? new Outcome.InForce(before.generation())
                    : new Outcome.Stale(before.generation());
        }
        signed = brought;
        Routes routes = new Routes(table, revision, meters);
        counts.measure(table.bucketSeconds());
        current = routes;
        active = routes.isAlone() ? null : routes;
        meters.retain(routes.sides().stream().map(Side::revision).collect(Collectors.toSet()));
        LOG.infof("traffic table %d is in force: %s", table.generation(), told(routes));
        return new Outcome.InForce(table.generation());
    }

    /** The table in force as it was signed; null without one. */
    public synchronized byte[] tableJson() {
        return signed == null ? null : signed.tableJson();
    }

    private static String told(Routes routes) {
        return routes.sides().stream()
                .map(side -> side.revision() + (side.isClosed() ? " closed" : " " + side.weight() + " %"))
                .collect(Collectors.joining(", "));
    }
}
