package dev.tatara.traffic;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who answers for a service. The same table goes to every pod of every revision.
 *
 * @param schemaVersion {@value #SCHEMA_VERSION}; another one is laid out otherwise and can't be read
 * @param service UID of the InferenceService
 * @param generation rises with each table of a service; 1 or more
 * @param salt what keys are hashed with; another one sends them to other sides
 * @param entries the revisions, one or more; sticky keys stay where they are when the first one's weight rises
 * @param match headers that decide before everything else, the first that fits
 * @param stickyHeader header whose value always goes to the same side; null where there is none
 * @param shadow who gets copies of requests; null where nobody does
 * @param bucketSeconds length of one bucket of the pods' statistics
 * @param dividedBefore whether requests are divided before they come to pods, by a Gateway or a mesh: each pod answers
 *     what it is sent then, and the weights only say what is meant
 */
public record TrafficTable(
        int schemaVersion,
        String service,
        long generation,
        String salt,
        List<Entry> entries,
        List<HeaderMatch> match,
        String stickyHeader,
        Shadow shadow,
        int bucketSeconds,
        boolean dividedBefore) {
    public static final int SCHEMA_VERSION = 1;
    public static final int MOST_ENTRIES = 16;
    public static final int MOST_PEERS = 1000;
    public static final int MOST_MATCHES = 64;
    /** Characters of any text in a table. */
    public static final int LONGEST_TEXT = 1024;

    private static final int ALL = 100;
    private static final int MOST_BUCKET_SECONDS = 86_400;

    public TrafficTable {
        entries = List.copyOf(entries);
        match = List.copyOf(match);
        text("service", service);
        Objects.requireNonNull(salt, "salt");
        require(schemaVersion == SCHEMA_VERSION, "schemaVersion " + SCHEMA_VERSION, schemaVersion);
        require(generation >= 1, "a generation of 1 or more", generation);
        require(salt.length() <= LONGEST_TEXT, "a salt of up to " + LONGEST_TEXT + " characters", salt.length());
        require(!entries.isEmpty() && entries.size() <= MOST_ENTRIES, "1 to " + MOST_ENTRIES + " entries", entries);
        require(match.size() <= MOST_MATCHES, "up to " + MOST_MATCHES + " matches", match.size());
        require(
                bucketSeconds >= 1 && bucketSeconds <= MOST_BUCKET_SECONDS,
                "bucketSeconds from 1 to " + MOST_BUCKET_SECONDS,
                bucketSeconds);
        int sum = entries.stream().mapToInt(Entry::weight).sum();
        require(sum == ALL, "weights that add up to 100", sum);
        Set<String> revisions = new HashSet<>();
        entries.forEach(entry -> require(revisions.add(entry.revision), "each revision once", entry.revision));
        match.forEach(rule -> require(revisions.contains(rule.revision), "matches of entries", rule.revision));
        if (stickyHeader != null) {
            text("stickyHeader", stickyHeader);
        }
        if (shadow != null) {
            require(revisions.contains(shadow.revision), "a shadow that has an entry", shadow.revision);
            require(!dividedBefore, "no shadow where requests are divided before they come to pods", shadow.revision);
        }
    }

    /** A table by which pods divide the requests themselves. */
    public TrafficTable(
            int schemaVersion,
            String service,
            long generation,
            String salt,
            List<Entry> entries,
            List<HeaderMatch> match,
            String stickyHeader,
            Shadow shadow,
            int bucketSeconds) {
        this(schemaVersion, service, generation, salt, entries, match, stickyHeader, shadow, bucketSeconds, false);
    }

    /** The same for pods that answer what they are sent, because requests are divided before they come to them. */
    public TrafficTable whereDividedBefore() {
        return new TrafficTable(
                schemaVersion, service, generation, salt, entries, List.of(), null, null, bucketSeconds, true);
    }

    /**
     * A revision's part.
     *
     * @param revision as in the setting of its pods
     * @param weight percent of the requests, 0 to 100
     * @param closed gets none whatever happens, and refuses what others forward by older tables; its weight is 0
     * @param peers its pods that are ready, as {@code host:port} of the port for forwarded requests
     */
    public record Entry(String revision, int weight, boolean closed, List<String> peers) {
        public Entry {
            peers = List.copyOf(peers);
            text("revision", revision);
            require(weight >= 0 && weight <= ALL, "a weight from 0 to 100", weight);
            require(!closed || weight == 0, "weight 0 of a closed entry", weight);
            require(peers.size() <= MOST_PEERS, "up to " + MOST_PEERS + " peers", peers.size());
            peers.forEach(Entry::address);
        }

        private static void address(String peer) {
            text("peer", peer);
            int colon = peer.lastIndexOf(':');
            boolean port = colon > 0
                    && peer.length() - colon <= 6
                    && peer.length() - colon > 1
                    && peer.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9');
            require(port, "a peer as host:port", peer);
        }
    }

    /** Requests whose header has this value go to this revision, unless it is closed. */
    public record HeaderMatch(String header, String value, String revision) {
        public HeaderMatch {
            text("header", header);
            text("revision", revision);
            Objects.requireNonNull(value, "value");
            require(value.length() <= LONGEST_TEXT, "a value of up to " + LONGEST_TEXT + " characters", value.length());
        }
    }

    /**
     * A revision that gets copies, whose answers are compared and thrown away.
     *
     * @param percent of the requests that others answer, 0 to 100
     * @param tolerance by which numbers may differ, as a share of the larger one or, near 0, absolutely
     */
    public record Shadow(String revision, int percent, double tolerance) {
        public Shadow {
            text("revision", revision);
            require(percent >= 0 && percent <= ALL, "a percentage of copies from 0 to 100", percent);
            require(tolerance >= 0 && Double.isFinite(tolerance), "a tolerance of 0 or more", tolerance);
        }
    }

    /** A revision's entry, if it has one. */
    public Optional<Entry> entry(String revision) {
        return entries.stream().filter(entry -> entry.revision.equals(revision)).findFirst();
    }

    private static void text(String name, String value) {
        Objects.requireNonNull(value, name);
        require(
                !value.isBlank() && value.length() <= LONGEST_TEXT,
                name + " of 1 to " + LONGEST_TEXT + " characters",
                value.length() <= LONGEST_TEXT ? "\"" + value + "\"" : value.length());
    }

    private static void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
