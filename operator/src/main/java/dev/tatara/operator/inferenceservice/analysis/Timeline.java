package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What all pods of a service counted together, bucket by bucket. Histograms and sketches are merged, never percentiles.
 *
 * @param length of a bucket
 * @param buckets by their begin; those in which nothing happened are left out
 */
record Timeline(Duration length, SortedMap<Instant, Bucket> buckets) {
    static final Figures NOTHING = new Figures(0, 0, 0, new LatencyHistogram(), List.of());

    private static final Pane.Origin NOWHERE = new Pane.Origin("", "", "", "", "", "", "", 0);

    /** A span of time that ends now, and what two revisions did in it. */
    record Window(Instant begin, Figures stable, Figures candidate) {}

    /** What pods answered. Those that still count by buckets of another length are left out. */
    static Timeline merge(Collection<TrafficStatistics> pods) {
        var newest = pods.stream().max((a, b) -> Long.compare(a.generation(), b.generation()));
        if (newest.isEmpty()) {
            return new Timeline(Duration.ofSeconds(1), new TreeMap<>());
        }
        var seconds = newest.get().bucketSeconds();
        var gathered = new TreeMap<Instant, List<Bucket>>();
        pods.stream()
                .filter(pod -> pod.bucketSeconds() == seconds)
                .flatMap(pod -> pod.buckets().stream())
                .forEach(bucket -> gathered.computeIfAbsent(bucket.start(), begin -> new ArrayList<>())
                        .add(bucket));
        var merged = new TreeMap<Instant, Bucket>();
        gathered.forEach((begin, buckets) -> merged.put(begin, merge(begin, buckets)));
        return new Timeline(Duration.ofSeconds(seconds), merged);
    }

    /** What began at an instant or later: whole buckets alone. */
    Timeline since(Instant begin) {
        var seconds = length.toSeconds();
        var first = Math.ceilDiv(begin.toEpochMilli(), seconds * 1000) * seconds;
        return new Timeline(length, buckets.tailMap(Instant.ofEpochSecond(first)));
    }

    /**
     * The shortest window that ends now, is {@code interval} long at least, and has enough samples.
     *
     * @param samples of a revision's figures
     * @param needed of the candidate
     * @param neededOfStable 0 where it isn't looked at
     * @return empty where all that there is isn't enough
     */
    Optional<Window> shortest(
            String stable,
            String candidate,
            Instant now,
            Duration interval,
            ToLongFunction<Figures> samples,
            long needed,
            long neededOfStable) {
        var seconds = length.toSeconds();
        var latest = Instant.ofEpochSecond(Math.floorDiv(now.minus(interval).toEpochMilli(), seconds * 1000) * seconds);
        long candidates = 0;
        long stables = 0;
        var begin = Instant.MAX;
        for (var bucket : buckets.reversed().values()) {
            if (bucket.start().isBefore(latest) && candidates >= needed && stables >= neededOfStable) {
                break;
            }
            begin = bucket.start();
            candidates += samples.applyAsLong(of(bucket, candidate));
            stables += samples.applyAsLong(of(bucket, stable));
        }
        if (candidates < needed || stables < neededOfStable || candidates == 0) {
            return Optional.empty();
        }
        var within = buckets.tailMap(begin);
        return Optional.of(new Window(begin, sum(stable, within), sum(candidate, within)));
    }

    /** The same with another's buckets in the place of its own, where the other has them. */
    Timeline with(Timeline other) {
        if (!other.length.equals(length)) {
            return this;
        }
        var both = new TreeMap<>(buckets);
        both.putAll(other.buckets);
        return new Timeline(length, both);
    }

    /** What a revision did in all buckets. */
    Figures total(String revision) {
        return sum(revision, buckets);
    }

    /** What became of copies in all buckets. */
    Shadowed copies() {
        return buckets.values().stream().map(Bucket::shadow).reduce(Shadowed.NONE, Timeline::plus);
    }

    /** What a revision did in a bucket. */
    static Figures of(Bucket bucket, String revision) {
        return bucket.revisions().getOrDefault(revision, NOTHING);
    }

    private static Figures sum(String revision, SortedMap<Instant, Bucket> buckets) {
        return merge(buckets.values().stream().map(bucket -> of(bucket, revision)));
    }

    private static Bucket merge(Instant begin, List<Bucket> parts) {
        var revisions = new HashMap<String, List<Figures>>();
        parts.forEach(part -> part.revisions().forEach((revision, figures) -> revisions
                .computeIfAbsent(revision, same -> new ArrayList<>())
                .add(figures)));
        Map<String, Figures> merged = new TreeMap<>();
        revisions.forEach((revision, figures) -> merged.put(revision, merge(figures.stream())));
        return new Bucket(begin, merged, parts.stream().map(Bucket::shadow).reduce(Shadowed.NONE, Timeline::plus));
    }

    private static Figures merge(Stream<Figures> parts) {
        var latency = new LatencyHistogram();
        var predictions = new Pane.Merger();
        var counts = new long[4];
        parts.forEach(part -> {
            counts[0] += part.requests();
            counts[1] += part.failed();
            counts[2] += part.refused();
            counts[3] += part.unreachable();
            latency.merge(part.latency());
            predictions.add(pane(part.predictions()));
        });
        return new Figures(
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                latency,
                predictions.merged().map(Pane::columns).orElse(List.of()));
    }

    private static Pane pane(List<Column> columns) {
        return new Pane(NOWHERE, Instant.EPOCH, Instant.EPOCH, 1, 0, 0, columns);
    }

    private static Shadowed plus(Shadowed one, Shadowed other) {
        return new Shadowed(
                one.compared() + other.compared(),
                one.mismatched() + other.mismatched(),
                one.dropped() + other.dropped(),
                one.failed() + other.failed());
    }
}
