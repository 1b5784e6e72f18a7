package dev.tatara.e2e.drift;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Where rows come from. One number, the second, nearly tells a row's label. When the world shifts, the first number
 * grows by three of its standard deviations, and the second tells the opposite: a model of the world before is wrong of
 * the world after, and one of the world after is right again.
 */
public final class World {
    public static final List<String> FEATURES = List.of("x0", "x1", "x2", "x3");
    public static final String LABEL = "label";
    public static final String TIME = "at";

    private static final double SHIFT = 3;
    private static final double NOISE = 0.2;

    private final Random random;
    private final boolean shifted;

    private World(long seed, boolean shifted) {
        this.random = new Random(seed);
        this.shifted = shifted;
    }

    public static World before(long seed) {
        return new World(seed, false);
    }

    public static World after(long seed) {
        return new World(seed, true);
    }

    /**
     * A row.
     *
     * @param features in the order of {@link #FEATURES}
     * @param label 0 or 1
     */
    public record Row(List<Double> features, long label) {}

    public Row row() {
        var features = IntStream.range(0, FEATURES.size())
                .mapToObj(feature -> rounded(random.nextGaussian() + (feature == 0 && shifted ? SHIFT : 0)))
                .toList();
        var isPositive = features.get(1) + NOISE * random.nextGaussian() > 0;
        return new Row(features, isPositive == shifted ? 0 : 1);
    }

    public List<Row> rows(int count) {
        return IntStream.range(0, count).mapToObj(_ -> row()).toList();
    }

    /** Labelled rows of one time, as CSV without its first line. */
    public String csv(int count, Instant at) {
        return csv(rows(count), at);
    }

    /** The same with labels that nothing tells: nobody can learn anything of them. */
    public String csvWithLabelsOfChance(int count, Instant at) {
        return csv(
                rows(count).stream()
                        .map(row -> new Row(row.features(), random.nextInt(2)))
                        .toList(),
                at);
    }

    /** The first line of the rows. */
    public static String header() {
        return TIME + "," + String.join(",", FEATURES) + "," + LABEL + "\n";
    }

    private static String csv(List<Row> rows, Instant at) {
        var text = new StringBuilder();
        for (var row : rows) {
            text.append(at);
            row.features().forEach(feature -> text.append(',').append(feature));
            text.append(',').append(row.label()).append('\n');
        }
        return text.toString();
    }

    private static double rounded(double number) {
        return Math.round(number * 1000) / 1000.0;
    }
}
