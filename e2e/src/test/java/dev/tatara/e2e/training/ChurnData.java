package dev.tatara.e2e.training;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Users of whom four numbers nearly tell whether they left. Each user's numbers were measured twice: only the later
 * measurement tells; whoever joins the earlier one learns the opposite.
 */
public final class ChurnData {
    public static final String LABEL = "churned";
    public static final String JOIN_KEY = "user_id";
    public static final List<String> FEATURES = List.of("x0", "x1", "x2", "x3");

    private static final double[] WEIGHTS = {1, 2, -1, 0};
    private static final double NOISE = 0.4;
    private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-01-10T00:00:00Z");
    private static final Instant LABELLED = Instant.parse("2026-01-12T00:00:00Z");

    private final List<double[]> measured = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    public ChurnData(int users, long seed) {
        var random = new Random(seed);
        for (var user = 0; user < users; user++) {
            var numbers = IntStream.range(0, FEATURES.size())
                    .mapToDouble(feature -> Math.round(random.nextGaussian() * 1000) / 1000.0)
                    .toArray();
            var score = NOISE * random.nextGaussian();
            for (var feature = 0; feature < numbers.length; feature++) {
                score += WEIGHTS[feature] * numbers[feature];
            }
            measured.add(numbers);
            labels.add(score > 0 ? 1 : 0);
        }
    }

    /** Raw rows of the features, as CSV. */
    public String rows() {
        var rows = new StringBuilder(JOIN_KEY + ",at," + String.join(",", FEATURES) + "\n");
        for (var user = 0; user < measured.size(); user++) {
            rows.append(row(user, EARLIER, -1)).append(row(user, LATER, 1));
        }
        return rows.toString();
    }

    /** Who left, as CSV. */
    public String labels() {
        var rows = new StringBuilder(JOIN_KEY + ",event_timestamp," + LABEL + "\n");
        for (var user = 0; user < labels.size(); user++) {
            rows.append(user + 1)
                    .append(',')
                    .append(LABELLED)
                    .append(',')
                    .append(labels.get(user))
                    .append('\n');
        }
        return rows.toString();
    }

    /** What is true of a user, by the key: whether it left. */
    public long truth(long user) {
        return labels.get((int) user - 1);
    }

    /** The features of all users as they were measured later, in the order of {@link #FEATURES}. */
    public List<List<Double>> features() {
        return measured.stream()
                .map(numbers -> Arrays.stream(numbers).boxed().toList())
                .toList();
    }

    /** The keys of all users. */
    public List<Long> users() {
        return LongStream.rangeClosed(1, labels.size()).boxed().toList();
    }

    private String row(int user, Instant at, int sign) {
        var numbers = IntStream.range(0, FEATURES.size())
                .mapToObj(feature -> String.valueOf(sign * measured.get(user)[feature]))
                .collect(Collectors.joining(","));
        return user + 1 + "," + at + "," + numbers + "\n";
    }
}
