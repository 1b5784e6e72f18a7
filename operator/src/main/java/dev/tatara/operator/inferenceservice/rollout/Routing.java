package dev.tatara.operator.inferenceservice.rollout;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How the requests of a service are to be divided between its revisions. Which pods a revision has is not said here.
 *
 * @param shares the revision whose weight rises first, so that sticky keys that came to it stay; weights sum to 100
 * @param matches requests that go to a revision whatever its weight
 * @param stickyHeader header with the key that keeps requests on one side, {@code null} without
 * @param salt what keys are hashed with; another for each rollout
 * @param mirror copies of requests, {@code null} without
 */
public record Routing(List<Share> shares, List<Match> matches, String stickyHeader, String salt, Mirror mirror) {
    /** The sum of all weights. */
    public static final int ALL = 100;

    public Routing {
        shares = List.copyOf(shares);
        matches = List.copyOf(matches);
        var revisions = new HashSet<String>();
        var sum = 0;
        for (var share : shares) {
            if (!revisions.add(share.revision())) {
                throw new IllegalArgumentException("revision " + share.revision() + " has two shares: " + shares);
            }
            sum += share.weight();
        }
        if (sum != ALL) {
            throw new IllegalArgumentException("weights sum to " + sum + ", expected " + ALL + ": " + shares);
        }
    }

    /** One revision gets everything. */
    public static Routing to(String revision) {
        return new Routing(List.of(new Share(revision, ALL, false)), List.of(), null, "", null);
    }

    /** The share of a revision; empty if it has none. */
    public Optional<Share> shareOf(String revision) {
        return shares.stream()
                .filter(share -> share.revision().equals(revision))
                .findFirst();
    }

    /** Percentage of the requests that a revision gets; 0 without a share. */
    public int weightOf(String revision) {
        return shareOf(revision).map(Share::weight).orElse(0);
    }

    /** Whether any request may reach the revision: by its weight, a match or a copy. */
    public boolean reaches(String revision) {
        return weightOf(revision) > 0
                || matches.stream().anyMatch(match -> match.revision().equals(revision))
                || (mirror != null && mirror.revision().equals(revision));
    }

    /**
     * What one revision gets.
     *
     * @param weight percentage of the requests that nothing else decides about, 0 to 100
     * @param closed its pods refuse what others forward to them: the service went back from it. Its weight is 0 then
     */
    public record Share(String revision, int weight, boolean closed) {
        public Share {
            if (weight < 0 || weight > ALL || (closed && weight > 0)) {
                throw new IllegalArgumentException(
                        "weight " + weight + " of " + (closed ? "closed " : "") + "revision " + revision);
            }
        }
    }

    /** Requests with this header and value go to the revision. */
    public record Match(String header, String value, String revision) {}

    /**
     * Copies of requests, whose answers are compared and thrown away.
     *
     * @param percent percentage of the requests that are copied, 1 to 100
     * @param tolerance largest difference of two numbers that count as equal
     */
    public record Mirror(String revision, int percent, double tolerance) {}
}
