package dev.tatara.e2e.load;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Requests and what became of them.
 *
 * @param all in the order in which they ended
 */
public record Calls(List<Call> all) {
    public Calls {
        all = List.copyOf(all);
    }

    public Calls only(Predicate<Call> condition) {
        return new Calls(all.stream().filter(condition).toList());
    }

    public Calls of(Call.Protocol protocol) {
        return only(call -> call.protocol() == protocol);
    }

    /** Those that nothing but this time saw. */
    public Calls within(Instant from, Instant to) {
        return only(call -> !call.sent().isBefore(from) && !call.ended().isAfter(to));
    }

    public Calls since(Instant from) {
        return only(call -> !call.sent().isBefore(from));
    }

    public long count() {
        return all.size();
    }

    /** How many the version answered that multiplies by this number. */
    public long answersOf(int factor) {
        return all.stream().filter(call -> call.factor() == factor).count();
    }

    /** When the version that multiplies by this number answered last. */
    public Optional<Instant> latestOf(int factor) {
        return all.stream()
                .filter(call -> call.factor() == factor)
                .map(Call::ended)
                .max(Comparator.naturalOrder());
    }

    public List<Call> failures() {
        return all.stream().filter(Call::hasFailed).toList();
    }

    /** How many each version answered, by the number it multiplies by; 0 for no version. */
    public Map<Integer, Long> byFactor() {
        return all.stream().collect(Collectors.groupingBy(Call::factor, TreeMap::new, Collectors.counting()));
    }

    /** The versions that answered people who have a key, by the key: requests for the candidate don't count. */
    public Map<String, List<Integer>> sides() {
        return all.stream()
                .filter(call -> !call.isMatched())
                .collect(Collectors.groupingBy(
                        Call::key,
                        TreeMap::new,
                        Collectors.collectingAndThen(
                                Collectors.mapping(Call::factor, Collectors.toSet()),
                                factors -> factors.stream().sorted().toList())));
    }

    /** Requests a second from the first to the last. */
    public double rate() {
        var sent = all.stream().map(Call::sent).toList();
        if (sent.size() < 2) {
            return 0;
        }
        var first = sent.stream().min(Comparator.naturalOrder()).orElseThrow();
        var last = sent.stream().max(Comparator.naturalOrder()).orElseThrow();
        return sent.size() / (Duration.between(first, last).toMillis() / 1000.0);
    }
}
